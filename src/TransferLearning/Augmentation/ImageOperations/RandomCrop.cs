using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Widens each image by some pixels on every side and cuts a piece of its old size out of it, at its own place: a move
/// by whole pixels.
/// </summary>
public sealed record RandomCrop : IAugmentation
{
    /// <summary>The pixels on every side, not negative. Default 4, an eighth of 32.</summary>
    [OptionRange(AtLeast = 0)]
    public int Padding { get; init; } = 4;

    /// <summary>
    /// Whether the added pixels mirror the image, which needs sides longer than the padding; otherwise they are 0.
    /// Default true, FixMatch's.
    /// </summary>
    public bool IsReflected { get; init; } = true;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        if (IsReflected && Math.Min(inputs.shape[2], inputs.shape[3]) <= Padding)
        {
            throw new ArgumentException(
                $"a mirrored padding of {Padding} pixels needs images of at least {Padding + 1L} pixels on each side; "
                    + $"got {Shape.Of(inputs)}. Lower Padding, or set IsReflected to false.",
                nameof(inputs)
            );
        }
        using var scope = NewDisposeScope();
        var places = (2L * Padding) + 1;
        var down = RowDraws.Whole(inputs, key.Child(0), places, inputs.shape[0]) - Padding;
        var right = RowDraws.Whole(inputs, key.Child(1), places, inputs.shape[0]) - Padding;
        return Of(inputs, down, right, IsReflected).MoveToOuterDisposeScope();
    }

    /// <summary>Images cut out at other places.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="down">
    /// The row of each image, int64 <c>[n]</c>, at which its piece begins; negative begins above the image.
    /// </param>
    /// <param name="right">The column of each image, likewise.</param>
    /// <param name="isReflected">
    /// Whether what lies outside mirrors the image, the edge itself not doubled; otherwise it is 0.
    /// </param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor down, Tensor right, bool isReflected = true)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var (n, channels, height, width) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3]);
        var (rows, isRow) = Places(down, n, height, isReflected, images.device);
        var (columns, isColumn) = Places(right, n, width, isReflected, images.device);
        var cut = images
            .gather(2, rows.view(n, 1, height, 1).expand(n, channels, height, width))
            .gather(3, columns.view(n, 1, 1, width).expand(n, channels, height, width));
        if (!isReflected)
        {
            var inside = isRow.view(n, 1, height, 1).logical_and(isColumn.view(n, 1, 1, width));
            cut = cut * inside.to(images.dtype);
        }
        return cut.MoveToOuterDisposeScope();
    }

    private static (Tensor Places, Tensor IsInside) Places(
        Tensor first,
        long count,
        long side,
        bool isReflected,
        Device device,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(first))] string name = ""
    )
    {
        Guard.Alive(first, name);
        if (first.dim() != 1 || first.shape[0] != count || first.is_floating_point())
        {
            throw new ArgumentException(
                $"{name} must be a whole number an image, [{count}]; got {Shape.Of(first)}.",
                name
            );
        }
        var places = first.to(int64, device).unsqueeze(1) + arange(side, dtype: int64, device: device);
        var inside = places.ge(0).logical_and(places.lt(side));
        var mirrored = isReflected ? (side - 1) - ((side - 1) - places.abs()).abs() : places;
        return (mirrored.clamp(0, side - 1), inside);
    }
}
