using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Rows scaled to unit Euclidean length, so that only their direction is left.</summary>
/// <remarks>
/// <c>x -> x / ||x||</c>; a zero row stays zero. Nothing is fitted: the description is the map. Distances between rows
/// of unit length order pairs as the cosine does, which suits counts of words and features of networks. Costs n d.
/// </remarks>
[SavedPart("unit-length")]
public sealed class UnitLength : IFeatureMapping, IFeatureExtractor, ISavedPart, IGraphPart
{
    /// <inheritdoc />
    public bool NeedsTarget => false;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context) => this;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Rows(inputs, 0);
        return RowLengths.Unit(inputs);
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Like(graph.UnitRows(graph.Wide(inputs), 1e-30), inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state) { }
}
