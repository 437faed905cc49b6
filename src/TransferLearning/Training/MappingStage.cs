using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>The stage that maps the rows into another representation.</summary>
internal sealed class MappingStage(IFeatureMapping mapping) : IAdaptationStage
{
    private readonly IFeatureMapping mapping = mapping ?? throw new ArgumentNullException(nameof(mapping));

    public string Name => mapping.GetType().Name;

    public ChainPlan Plan(ChainPlan plan)
    {
        RowChecks.Vectors(plan, plan.HasExtractor);
        return plan.WithRows(null);
    }

    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        var embedded = state.Embedded();
        return embedded.Mapped(run.Remember("map", () => mapping.Fit(embedded.Domains, run.Context)));
    }
}
