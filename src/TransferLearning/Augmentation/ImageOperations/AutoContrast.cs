using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Stretches every channel of each image so that its darkest pixel is 0 and its brightest 1. A channel of one value
/// stays as it is. Strength has no part in it.
/// </summary>
public sealed record AutoContrast : IImageOperation
{
    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        return Of(inputs);
    }

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths) => Of(images);

    /// <summary>Stretched images, <c>(x - min) / (max - min)</c> for each channel.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var least = images.amin([2L, 3], keepdim: true);
        var range = images.amax([2L, 3], keepdim: true) - least;
        var isFlat = range.eq(0);
        return where(isFlat, images, (images - least) / range.masked_fill(isFlat, 1)).MoveToOuterDisposeScope();
    }
}
