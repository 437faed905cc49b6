using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Marginal transfer learning's risk: that of the labeled domains, each row read beside its domain's mean feature.
/// </summary>
/// <remarks>
/// The mean over the labeled domains of their risks (<see cref="SourceRisk"/>) by a <see cref="MarginalPredictor"/>,
/// whose domain is <c>m_k = s mean_i f_ki + (1 - s) m'_k</c>: the batch's mean, in which the gradient flows, and what
/// the domain's was after the last step, which is a constant; the batch's mean alone in the first step (the algorithm
/// MTL of Gulrajani and Lopez-Paz 2021, whose program then overwrites the mean with noise, a fault that is not repeated
/// here, and begins at 0). The means are in checkpoints. Where a step accumulates several batches, the last one moves
/// them.
/// </remarks>
public sealed class MarginalRisk : IObjective, ITrainingHook
{
    private Tensor? means;

    /// <summary>
    /// The share s of the batch in a domain's mean, above 0 and at most 1. Default 0.99, DomainBed's.
    /// </summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double Share { get; init; } = 0.99;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Current is not NetworkTraining training || training.Predictor is MarginalPredictor
            ? []
            :
            [
                $"needs a {nameof(MarginalPredictor)} around the predictor; it is a "
                    + $"{training.Predictor.GetType().Name}.",
            ];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (step.Predictor is not MarginalPredictor predictor)
        {
            throw new ArgumentException(
                $"the predictor must be a {nameof(MarginalPredictor)}; it is a {step.Predictor.GetType().Name}.",
                nameof(step)
            );
        }
        LabeledBatch[] batches = [.. step.Labeled];
        Tensor[] features = [.. batches.Select(batch => step.Features(batch))];
        var now = Follow(features);
        step.Once(
            this,
            step.Batch,
            () =>
            {
                using var quiet = no_grad();
                return now.detach();
            }
        );
        var risks = batches.Select((batch, k) => SourceRisk.Of(predictor.Predict(features[k], now[k]), batch));
        return stack([.. risks]).mean();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => Forget();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Where the term's weight was 0 nobody has computed it: by the weights after the step, and without drawing.
        using var mode = EvaluationMode.Of(step.Extractor, step.Predictor);
        var next = step.Once(
            this,
            step.Batch,
            () => Follow([.. step.Labeled.Select(batch => step.Features(batch))]).detach()
        );
        var kept = next.clone().DetachFromDisposeScope();
        means?.Dispose();
        means = kept;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("means", ref means);
    }

    // The means of the domains, one a row.
    private Tensor Follow(Tensor[] features)
    {
        var now = stack([.. features.Select(rows => rows.mean([0L]))]);
        return means is null ? now : (now * Share) + (means.to(now.dtype) * (1 - Share));
    }

    private void Forget()
    {
        means?.Dispose();
        means = null;
    }
}
