using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>The k-nearest-neighbour rule (Cover and Hart 1967): the labels of the nearest training rows vote, or are averaged.</summary>
/// <remarks>Honours example weights: a neighbour votes with its weight, and rows of weight 0 are left out. Costs n distances a predicted row.</remarks>
/// <param name="Neighbours">How many neighbours k. Default 1.</param>
public sealed record NearestNeighbour(int Neighbours = 1) : ILabelLearner
{
    /// <inheritdoc />
    public ILabelPredictor Fit(LabelledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        using var scope = NewDisposeScope();
        var kept = data.Weights?.gt(0).nonzero().squeeze(1);
        var count = kept?.shape[0] ?? data.Count;
        if (Neighbours < 1 || Neighbours > count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Neighbours),
                Neighbours,
                $"Neighbours must lie in 1 ... {count}, the number of rows that have weight; got {Neighbours}."
            );
        }
        return new NeighbourVote(data, count == data.Count ? null : kept, Neighbours);
    }
}
