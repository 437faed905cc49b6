using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Makes each image flatter or richer in contrast: its pixels' distance from its mean gray times a factor.
/// </summary>
public sealed record Contrast : IImageOperation
{
    /// <summary>The factor at strength -1, not negative. Default 0.1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Least { get; init; } = 0.1;

    /// <summary>The factor at strength 1, not negative. Default 1.9.</summary>
    [OptionRange(AtLeast = 0)]
    public double Most { get; init; } = 1.9;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key) => RowDraws.Apply(this, inputs, key);

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        Guard.Options(this);
        Guard.Alive(strengths);
        using var scope = NewDisposeScope();
        return Of(images, PixelBlend.Factors(strengths, Least, Most)).MoveToOuterDisposeScope();
    }

    /// <summary>Images with other contrast, <c>m + f (x - m)</c> for the mean m of the image's gray values.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1.</param>
    /// <param name="factors">The factor of each image <c>[n]</c>: 0 is even gray, 1 the image.</param>
    /// <returns>The images, of the same shape, cut off at 0 and 1; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor factors)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var factor = ImageChecks.PerImage(factors, images);
        var mean = PixelBlend.Gray(images).mean([1L, 2, 3], keepdim: true);
        return PixelBlend.Of(images, mean, factor).MoveToOuterDisposeScope();
    }
}
