using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Leaves each image few steps of brightness: the leading bits of its pixels' eight.</summary>
public sealed record Posterize : IImageOperation
{
    /// <summary>How many bits are kept at strength 1 or -1, from 0 to 8. Default 4, RandAugment's.</summary>
    [OptionRange(AtLeast = 0, AtMost = 8)]
    public int LeastBits { get; init; } = 4;

    /// <summary>How many bits are kept at strength 0, from 0 to 8. Default 8, all.</summary>
    [OptionRange(AtLeast = 0, AtMost = 8)]
    public int MostBits { get; init; } = 8;

    /// <summary>
    /// Whether the number of bits that are taken away is cut off to a whole number, as in AugMix's program, and not
    /// rounded, as in torchvision. Default false.
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
        var fewer = strengths.abs() * (MostBits - LeastBits);
        return Of(images, MostBits - (IsTruncated ? fewer.trunc() : fewer.round())).MoveToOuterDisposeScope();
    }

    /// <summary>Images of fewer steps.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1; rounded to 256 steps first.</param>
    /// <param name="bits">
    /// How many leading bits of each image's pixels are kept <c>[n]</c>, whole numbers from 0 to 8.
    /// </param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor bits)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var step = (8 - ImageChecks.PerImage(bits, images)).exp2();
        var pixels = (images * 255).round().clamp(0, 255);
        return ((pixels / step).floor() * step / 255).MoveToOuterDisposeScope();
    }
}
