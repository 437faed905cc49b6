using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>STAR's gap: how much classifiers that are drawn from one distribution disagree on the target.</summary>
/// <remarks>
/// The sum over pairs of draws of <see cref="ClassifierDiscrepancy"/>'s mean absolute difference of probabilities (Lu
/// et al. 2020, "Stochastic Classifiers for Unsupervised Domain Adaptation"). The classifier makes it large, by its
/// spread too, the extractor small. It is 0 where the predictor draws nothing: in evaluation mode, or by another
/// predictor than a <see cref="StochasticClassifier"/>.
/// </remarks>
public sealed record StochasticDiscrepancy : IObjective
{
    /// <summary>How many classifiers are drawn, at least 2. Default 2, the authors'.</summary>
    [OptionRange(AtLeast = 2)]
    public int Draws { get; init; } = 2;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var features = step.Features(step.Target);
        var drawn = Enumerable.Range(0, Draws).Select(_ => step.Predictor.Predict(features)).ToList();
        var gaps =
            from first in Enumerable.Range(0, Draws)
            from second in Enumerable.Range(first + 1, Draws - first - 1)
            select ClassifierDiscrepancy.Of(drawn[first], drawn[second]);
        return stack([.. gaps]).sum().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
