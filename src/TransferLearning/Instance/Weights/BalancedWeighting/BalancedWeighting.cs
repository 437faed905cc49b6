using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Gives source rows and a few labeled target rows fixed shares of the training, whatever their numbers.
/// </summary>
/// <remarks>
/// Each of n source rows weighs <c>m (1 - share)</c> and each of m target rows <c>n share</c>, divided by the mean over
/// all: the target has the given share of all weight (Wu and Dietterich 2004, "Improving SVM Accuracy by Training on
/// Auxiliary Data Sources"). With several sources n counts them together.
/// </remarks>
public sealed record BalancedWeighting : IAdaptationStage
{
    /// <summary>The target's share of the weight, between 0 and 1. Default 0.5.</summary>
    [OptionRange(Above = 0, Below = 1)]
    public double TargetShare { get; init; } = 0.5;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.AddFaults(plan.LabeledTarget());
        return plan.WithWeights();
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var domains = state.Domains;
        var few = domains.LabeledTarget!;
        var (ofSource, ofTarget) = Weights(domains.Sources.Sum(source => source.Count), few.Count);
        LabeledDomain Weighted(LabeledDomain domain, string name, double weight) =>
            domain.WithWeights(run.FittedTensor(name, () => full(domain.Count, weight, float32, domain.Labels.device)));
        return state.With(
            new DomainSet(
                [.. domains.Sources.Select((source, i) => Weighted(source, $"weights{i}", ofSource))],
                domains.Target,
                Weighted(few, "target weights", ofTarget)
            )
        );
    }

    /// <summary>The two weights.</summary>
    /// <param name="sources">How many source rows n.</param>
    /// <param name="targets">How many labeled target rows m.</param>
    /// <returns>The weight of each source row and of each target row; over all rows their mean is 1.</returns>
    public (double Source, double Target) Weights(long sources, long targets)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targets, 1);
        Guard.Options(this);
        double all = sources + targets;
        return (all * (1 - TargetShare) / sources, all * TargetShare / targets);
    }
}
