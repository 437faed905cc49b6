using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Moves each image by <c>s Share</c> of its width or height for strength s, to the nearest whole pixel where it is not
/// smooth.
/// </summary>
public sealed record Translation : IImageOperation
{
    /// <summary>Along which axis pixels move. Default the rows.</summary>
    public ImageAxis Axis { get; init; }

    /// <summary>
    /// The largest move as a share of the image's side, from 0 to 1. Default 0.3, FixMatch's; RandAugment's is 150/331.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Share { get; init; } = 0.3;

    /// <summary>The pixel value outside the image, from 0 to 1. Default 0, black.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Fill { get; init; }

    /// <summary>
    /// Whether pixels are interpolated between four neighbors and not taken from the nearest. Default false, the
    /// authors'.
    /// </summary>
    public bool IsSmooth { get; init; }

    /// <summary>
    /// Whether images move by whole pixels, what is behind the point cut off, as in AugMix's program. Default false.
    /// </summary>
    public bool IsTruncated { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key) => RowDraws.Apply(this, inputs, key);

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        Guard.Options(this);
        Guard.Alive(strengths);
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var side = Axis == ImageAxis.Horizontal ? images.shape[3] : images.shape[2];
        var pixels = strengths * (Share * side);
        return Of(images, IsTruncated ? pixels.trunc() : pixels, Axis, Fill, IsSmooth).MoveToOuterDisposeScope();
    }

    /// <summary>Moved images.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="pixels">How far each image moves <c>[n]</c>, to the right or downward.</param>
    /// <param name="axis">Along which axis.</param>
    /// <param name="fill">The pixel value outside the image.</param>
    /// <param name="isSmooth">Whether pixels are interpolated.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(
        Tensor images,
        Tensor pixels,
        ImageAxis axis = ImageAxis.Horizontal,
        double fill = 0,
        bool isSmooth = false
    )
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var from = ImageChecks.Numbers(pixels, images).neg();
        var moved =
            axis == ImageAxis.Horizontal
                ? ImageWarp.Affine(images, fill, isSmooth, c: from)
                : ImageWarp.Affine(images, fill, isSmooth, f: from);
        return moved.MoveToOuterDisposeScope();
    }
}
