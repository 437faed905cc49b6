namespace TransferLearning.Augmentation;

/// <summary>
/// The rectangle that CutMix pastes: rows <c>Top ... Bottom - 1</c>, columns <c>Left ... Right - 1</c>.
/// </summary>
/// <param name="Top">First row.</param>
/// <param name="Bottom">Row after the last.</param>
/// <param name="Left">First column.</param>
/// <param name="Right">Column after the last.</param>
public readonly record struct CutMixBox(long Top, long Bottom, long Left, long Right)
{
    /// <summary>The box around a center for a wanted share of the first image.</summary>
    /// <remarks>
    /// Its sides are <c>floor(H sqrt(1 - l))</c> and <c>floor(W sqrt(1 - l))</c>, halved toward zero on either side of
    /// the center and cut off at the border (Yun et al. 2019, "CutMix"; the rounding of the authors' code).
    /// </remarks>
    /// <param name="height">The images' height H.</param>
    /// <param name="width">The images' width W.</param>
    /// <param name="share">The wanted share l of the first image, from 0 to 1.</param>
    /// <param name="centerRow">The center's row.</param>
    /// <param name="centerColumn">The center's column.</param>
    public static CutMixBox Around(long height, long width, double share, long centerRow, long centerColumn)
    {
        var ratio = Math.Sqrt(1 - share);
        var (halfHeight, halfWidth) = ((long)(height * ratio) / 2, (long)(width * ratio) / 2);
        return new CutMixBox(
            Math.Clamp(centerRow - halfHeight, 0, height),
            Math.Clamp(centerRow + halfHeight, 0, height),
            Math.Clamp(centerColumn - halfWidth, 0, width),
            Math.Clamp(centerColumn + halfWidth, 0, width)
        );
    }

    /// <summary>The share of the first image that is left once the box is pasted: the weight of its label.</summary>
    public double ShareLeft(long height, long width) =>
        1 - ((double)((Bottom - Top) * (Right - Left)) / (height * width));
}
