using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// The stage that weighs the source examples: whatever scale a weighting has, weights enter a domain with mean 1.
/// </summary>
internal sealed class WeightingStage(IInstanceWeighting weighting) : IAdaptationStage
{
    private readonly IInstanceWeighting weighting = weighting ?? throw new ArgumentNullException(nameof(weighting));

    public string Name => weighting.GetType().Name;

    public ChainPlan Plan(ChainPlan plan)
    {
        RowChecks.Vectors(plan);
        return plan.WithWeights();
    }

    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        var rows = state.Embedded().Domains;
        var weighted = rows.Sources.Select(
            (source, i) =>
            {
                var weights = run.FittedTensor(
                    $"weights{i}",
                    () => RelativeWeights.Of(Made(source, rows.Target, run.Context))
                );
                EffectiveSampleSize.WarnIfSmall(weights, $"source {i}", run);
                return state.Domains.Sources[i].WithWeights(weights);
            }
        );
        return state.With(state.Domains.With([.. weighted]));
    }

    private Tensor Made(LabeledDomain source, UnlabeledDomain target, FitContext context) =>
        RelativeWeights.Made(weighting.Weigh(source, target, context), weighting);
}
