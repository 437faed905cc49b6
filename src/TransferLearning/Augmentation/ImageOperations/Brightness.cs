using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Makes each image darker or brighter: its pixels times a factor.</summary>
public sealed record Brightness : IImageOperation
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

    /// <summary>Images with other brightness, <c>f x</c>.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1.</param>
    /// <param name="factors">The factor of each image <c>[n]</c>: 0 is black, 1 the image.</param>
    /// <returns>The images, of the same shape, cut off at 0 and 1; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor factors)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var factor = ImageChecks.PerImage(factors, images);
        return (images * factor).clamp(0, 1).MoveToOuterDisposeScope();
    }
}
