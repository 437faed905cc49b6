using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Cutout: squares of each image, at places of its own, are covered.</summary>
/// <remarks>
/// A hole's center is even over all pixels; it covers the rows <c>y - floor(L / 2) ... y + floor(L / 2) - 1</c> and
/// columns likewise, as far as they lie in the image, so that an odd L covers <c>L - 1</c> (DeVries and Taylor 2017,
/// "Improved Regularization of Convolutional Neural Networks with Cutout"; the authors' program).
/// </remarks>
public sealed record Cutout : IAugmentation
{
    /// <summary>
    /// The side L of a hole in pixels, at least 1; null for half of the image's shorter side, 16 of 32. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Length { get; init; }

    /// <summary>How many holes each image gets, at least 1. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int Holes { get; init; } = 1;

    /// <summary>
    /// The pixel value of holes, from 0 to 1. Default 0, black; the authors' images have mean 0, which 0.5 comes near.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Fill { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var (count, height, width) = (inputs.shape[0], inputs.shape[2], inputs.shape[3]);
        var rows = RowDraws.Whole(inputs, key.Child(0), height, count, Holes);
        var columns = RowDraws.Whole(inputs, key.Child(1), width, count, Holes);
        var length = Length ?? (Math.Min(height, width) / 2);
        var covered = Mask(rows, columns, height, width, length).eq(0).unsqueeze(1);
        return inputs.masked_fill(covered, Fill).MoveToOuterDisposeScope();
    }

    /// <summary>What is left of each image.</summary>
    /// <param name="centerRows">The row of each hole's center, int64 <c>[n, holes]</c>.</param>
    /// <param name="centerColumns">The column of each hole's center, likewise.</param>
    /// <param name="height">The images' height.</param>
    /// <param name="width">The images' width.</param>
    /// <param name="length">The side of a hole.</param>
    /// <returns>0 inside of holes and 1 elsewhere, int64 <c>[n, height, width]</c>; the caller disposes it.</returns>
    public static Tensor Mask(Tensor centerRows, Tensor centerColumns, long height, long width, long length)
    {
        Guard.Alive(centerRows);
        Guard.Alive(centerColumns);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (centerRows.dim() != 2 || !centerRows.shape.SequenceEqual(centerColumns.shape))
        {
            throw new ArgumentException(
                $"centerRows and centerColumns must both be [n, holes]; got {Shape.Of(centerRows)} "
                    + $"and {Shape.Of(centerColumns)}.",
                nameof(centerColumns)
            );
        }
        using var scope = NewDisposeScope();
        var half = length / 2;
        var isRow = Near(centerRows, height).unsqueeze(3);
        var isColumn = Near(centerColumns, width).unsqueeze(2);
        return isRow.logical_and(isColumn).any(1).logical_not().to(int64).MoveToOuterDisposeScope();

        Tensor Near(Tensor centers, long side)
        {
            var places = arange(side, dtype: int64, device: centers.device) - centers.unsqueeze(2);
            return places.ge(-half).logical_and(places.lt(half));
        }
    }
}
