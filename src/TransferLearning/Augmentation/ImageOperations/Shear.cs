using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Slants each image by <c>s Slope</c> for strength s: every row moves along by the slope times its number, or every
/// column does.
/// </summary>
public sealed record Shear : IImageOperation
{
    /// <summary>Along which axis pixels move. Default the rows.</summary>
    public ImageAxis Axis { get; init; }

    /// <summary>
    /// The largest slope, pixels along for each pixel across, not negative. Default 0.3, RandAugment's.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Slope { get; init; } = 0.3;

    /// <summary>
    /// Whether the image's center stays where it is. Default false, the authors': the first row or column does.
    /// </summary>
    public bool IsCentered { get; init; }

    /// <summary>The pixel value outside the image, from 0 to 1. Default 0, black.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Fill { get; init; }

    /// <summary>
    /// Whether pixels are interpolated between four neighbors and not taken from the nearest. Default false, the
    /// authors'.
    /// </summary>
    public bool IsSmooth { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key) => RowDraws.Apply(this, inputs, key);

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        Guard.Options(this);
        Guard.Alive(strengths);
        using var scope = NewDisposeScope();
        return Of(images, strengths * Slope, Axis, IsCentered, Fill, IsSmooth).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Slanted images: the pixel at <c>(x, y)</c> is the one that stood at <c>(x + slope y, y)</c>, or at
    /// <c>(x, y + slope x)</c>.
    /// </summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="slopes">The slope of each image <c>[n]</c>.</param>
    /// <param name="axis">Along which axis pixels move.</param>
    /// <param name="isCentered">Whether x and y are counted from the center and not from the upper left corner.</param>
    /// <param name="fill">The pixel value outside the image.</param>
    /// <param name="isSmooth">Whether pixels are interpolated.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(
        Tensor images,
        Tensor slopes,
        ImageAxis axis = ImageAxis.Horizontal,
        bool isCentered = false,
        double fill = 0,
        bool isSmooth = false
    )
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var slope = ImageChecks.Numbers(slopes, images);
        var across = axis == ImageAxis.Horizontal ? images.shape[2] : images.shape[3];
        var moved = isCentered ? null : slope * (across / 2.0);
        var slanted =
            axis == ImageAxis.Horizontal
                ? ImageWarp.Affine(images, fill, isSmooth, b: slope, c: moved)
                : ImageWarp.Affine(images, fill, isSmooth, d: slope, f: moved);
        return slanted.MoveToOuterDisposeScope();
    }
}
