using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// The k-nearest-neighbor rule (Cover and Hart 1967): the labels of the nearest training rows vote, or are averaged.
/// </summary>
/// <remarks>
/// Honors example weights: a neighbor votes with its weight, and rows of weight 0 are left out. Costs n distances a
/// predicted row.
/// </remarks>
/// <param name="Neighbors">How many neighbors k. Default 1.</param>
public sealed record NearestNeighbor([property: OptionRange(AtLeast = 1)] int Neighbors = 1) : ILabelLearner
{
    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        using var scope = NewDisposeScope();
        var kept = data.Weights?.gt(0).nonzero().squeeze(1);
        var count = kept?.shape[0] ?? data.Count;
        Guard.Options(this);
        Limit.Keep(Most(count, "the number of rows that have weight"));
        return new NeighborVote(data, count == data.Count ? null : kept, Neighbors);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Limit.Faults(Most(plan.LearnedRows(), "the number of rows"));

    private Limit Most(long rows, string what) => new(nameof(Neighbors), Neighbors, rows, what);
}
