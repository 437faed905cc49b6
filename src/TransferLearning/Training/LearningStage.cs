using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>The stage that fits a shallow predictor to the labeled rows.</summary>
internal sealed class LearningStage(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    public string Name => learner.GetType().Name;

    public bool NeedsTarget => false;

    public ChainPlan Plan(ChainPlan plan)
    {
        RowChecks.Vectors(plan);
        return plan.WithFittedPredictor();
    }

    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        var embedded = state.Embedded();
        return embedded.With(null, run.Fitted("predictor", () => learner.Fit(embedded.Domains.Pooled())));
    }
}
