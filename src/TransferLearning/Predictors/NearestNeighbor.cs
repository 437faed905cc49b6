using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>The k-nearest-neighbor rule (Cover and Hart 1967): the labels of the nearest training rows vote, or are averaged.</summary>
/// <remarks>Honors example weights: a neighbor votes with its weight, and rows of weight 0 are left out. Costs n distances a predicted row.</remarks>
/// <param name="Neighbors">How many neighbors k. Default 1.</param>
public sealed record NearestNeighbor(int Neighbors = 1) : ILabelLearner
{
    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        using var scope = NewDisposeScope();
        var kept = data.Weights?.gt(0).nonzero().squeeze(1);
        var count = kept?.shape[0] ?? data.Count;
        if (Neighbors < 1 || Neighbors > count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Neighbors),
                Neighbors,
                $"Neighbors must lie in 1 ... {count}, the number of rows that have weight; got {Neighbors}."
            );
        }
        return new NeighborVote(data, count == data.Count ? null : kept, Neighbors);
    }
}
