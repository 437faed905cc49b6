using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Moves each row toward one of its nearest rows in the batch, as SMOTE makes new examples.</summary>
/// <remarks>
/// <c>x + u (x_j - x)</c> with u even from 0 to <see cref="Share"/> and j drawn from the k nearest other rows by
/// Euclidean distance (Chawla, Bowyer, Hall and Kegelmeyer 2002, "SMOTE: Synthetic Minority Over-sampling Technique",
/// which asks the neighbor to be of the same class; here no label is needed). A row that is alone stays. Costs the
/// distances of all pairs of rows of the batch.
/// </remarks>
public sealed record NeighborMixing : IAugmentation
{
    /// <summary>The number k of neighbors that are drawn from, at least 1. Default 5, SMOTE's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 5;

    /// <summary>
    /// How far a row moves at most, as a share of the way to its neighbor, from 0 to 1. Default 1, SMOTE's.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Share { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        Guard.Options(this);
        var count = inputs.shape[0];
        if (count < 2)
        {
            return inputs.clone();
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = inputs.reshape(count, -1);
        var distances = SquaredDistances.Between(rows, rows);
        var itself = eye(count, dtype: ScalarType.Bool, device: inputs.device);
        var nearest = distances
            .masked_fill(itself, double.PositiveInfinity)
            .topk((int)Math.Min(Neighbors, count - 1), 1, largest: false)
            .indexes;
        var drawn = RowDraws.Whole(inputs, key.Child(0), nearest.shape[1], count, 1);
        var partners = inputs.index_select(0, nearest.gather(1, drawn).squeeze(1));
        long[] each = [count, .. Enumerable.Repeat(1L, (int)inputs.dim() - 1)];
        var shares = RowDraws.Uniform(inputs, key.Child(1), each) * Share;
        return (inputs + ((partners - inputs) * shares)).MoveToOuterDisposeScope();
    }
}
