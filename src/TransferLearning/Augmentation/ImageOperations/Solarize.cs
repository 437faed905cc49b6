using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Inverts the bright pixels of each image: those of at least <c>1 - |s|</c> for strength s.</summary>
public sealed record Solarize : IImageOperation
{
    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key) => RowDraws.Apply(this, inputs, key);

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        Guard.Alive(strengths);
        using var scope = NewDisposeScope();
        return Of(images, 1 - strengths.abs()).MoveToOuterDisposeScope();
    }

    /// <summary>Images with their bright pixels inverted.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1.</param>
    /// <param name="thresholds">
    /// The value of each image <c>[n]</c> from which on pixels are inverted, x to <c>1 - x</c>.
    /// </param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor thresholds)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var isBright = images.ge(ImageChecks.PerImage(thresholds, images));
        return where(isBright, 1 - images, images).MoveToOuterDisposeScope();
    }
}
