using TransferLearning;
using TransferLearning.Mapping;
using TransferLearning.Predictors;

namespace Evaluate.Tables;

/// <summary>Chains that several tables use.</summary>
internal static class Chains
{
    /// <summary>Maps in a row, then the nearest neighbor.</summary>
    public static AdaptationBuilder Nearest(params ReadOnlySpan<IFeatureMapping> mappings) =>
        Learned(new NearestNeighbor(), mappings);

    /// <summary>Maps in a row, then a learner.</summary>
    public static AdaptationBuilder Learned(ILabelLearner learner, params ReadOnlySpan<IFeatureMapping> mappings)
    {
        var chain = new AdaptationBuilder();
        foreach (var mapping in mappings)
        {
            chain.Map(mapping);
        }

        return chain.Learn(learner);
    }

    /// <summary>
    /// Transport whose costs are divided by their largest, so that one regularization serves all features.
    /// </summary>
    public static OptimalTransport Transport(ITransportSolver solver) => new(solver) { NormalizesCost = true };

    /// <summary>
    /// A linear map and its transport plan, with few steps and a penalty that keeps the map stiff on rows of unit
    /// length.
    /// </summary>
    public static JointTransportMap TransportMap() => new() { Penalty = 10, MaxSteps = 5 };
}
