using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>The k-nearest-neighbour rule (Cover and Hart 1967): the labels of the nearest training rows vote, or are averaged.</summary>
/// <remarks>Honours example weights: a neighbour votes with its weight. Costs n distances a predicted row.</remarks>
/// <param name="Neighbours">How many neighbours k. Default 1.</param>
public sealed record NearestNeighbour(int Neighbours = 1) : ILabelLearner
{
    /// <inheritdoc />
    public ILabelPredictor Fit(LabelledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Neighbours < 1 || Neighbours > data.Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Neighbours),
                Neighbours,
                $"Neighbours must lie in 1 ... {data.Count}, the number of rows; got {Neighbours}."
            );
        }
        return new NeighbourVote(data, Neighbours);
    }
}
