using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Cross-entropy of the labeled batches by several draws of a stochastic predictor.</summary>
/// <remarks>
/// The sum over the draws of <c>mean_i w_i CE(C(f_i), y_i)</c>, averaged over the labeled batches; each draw reads all
/// of them (Lu et al. 2020; the authors' program sums).
/// </remarks>
public sealed record StochasticCrossEntropy : IObjective
{
    /// <summary>How many classifiers are drawn, at least 1. Default 2, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Draws { get; init; } = 2;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var batches = step.Labeled.ToList();
        var counts = batches.Select(batch => batch.Inputs.shape[0]).ToArray();
        var features = cat([.. batches.Select(step.Features)]);
        var draws = Enumerable
            .Range(0, Draws)
            .Select(_ => step.Predictor.Predict(features).split(counts))
            .Select(scores =>
                stack([.. batches.Zip(scores, (batch, own) => CrossEntropy.Of(own, batch.Labels, batch.Weights))])
                    .mean()
            );
        return stack([.. draws]).sum().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
