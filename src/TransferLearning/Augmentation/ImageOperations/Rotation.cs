using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Turns each image about its center by <c>s Degrees</c> for strength s; what comes in from outside is
/// <see cref="Fill"/>.
/// </summary>
public sealed record Rotation : IImageOperation
{
    /// <summary>The largest angle, from 0 to 180. Default 30, RandAugment's.</summary>
    [OptionRange(AtLeast = 0, AtMost = 180)]
    public double Degrees { get; init; } = 30;

    /// <summary>The pixel value outside the image, from 0 to 1. Default 0, black.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Fill { get; init; }

    /// <summary>
    /// Whether pixels are interpolated between four neighbors and not taken from the nearest. Default false, the
    /// authors'.
    /// </summary>
    public bool IsSmooth { get; init; }

    /// <summary>
    /// Whether angles are whole degrees, what is behind the point cut off, as in AugMix's program. Default false.
    /// </summary>
    public bool IsTruncated { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key) => RowDraws.Apply(this, inputs, key);

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        Guard.Options(this);
        Guard.Alive(strengths);
        using var scope = NewDisposeScope();
        var degrees = strengths * Degrees;
        return Of(images, IsTruncated ? degrees.trunc() : degrees, Fill, IsSmooth).MoveToOuterDisposeScope();
    }

    /// <summary>Turned images.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="degrees">The angle of each image <c>[n]</c>, counterclockwise.</param>
    /// <param name="fill">The pixel value outside the image.</param>
    /// <param name="isSmooth">Whether pixels are interpolated.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor degrees, double fill = 0, bool isSmooth = false)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var angles = ImageChecks.Numbers(degrees, images) * (Math.PI / 180);
        var (cosine, sine) = (angles.cos(), angles.sin());
        return ImageWarp
            .Affine(images, fill, isSmooth, a: cosine, b: sine.neg(), d: sine, e: cosine)
            .MoveToOuterDisposeScope();
    }
}
