using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Group DRO: the labeled domains' risks by weights that rise where the risk is high, towards the worst domain's.
/// </summary>
/// <remarks>
/// Weights start at <c>1/K</c>. Each step multiplies that of domain k by <c>exp(eta R_k)</c>, R_k the risk of <see
/// cref="SourceRisk"/> taken as a constant, and divides all by their sum; the term is <c>sum_k q_k R_k</c> with the new
/// weights (Sagawa, Koh, Hashimoto and Liang 2020, "Distributionally Robust Neural Networks for Group Shifts",
/// algorithm 1). It takes the place of a loss of the labeled rows. The weights are in checkpoints. Where a step
/// accumulates several batches, the last one's risks change the weights.
/// </remarks>
public sealed class GroupRobustness : IObjective, ITrainingHook
{
    private Tensor? weights;

    /// <summary>The rate eta, positive. Default 0.01, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 0.01;

    /// <summary>
    /// The domains' weights <c>[K]</c> after the steps so far, for looking at; null before the first.
    /// </summary>
    /// <remarks>It belongs to the training and is let go of at its end.</remarks>
    public Tensor? Weights => weights;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var risks = SourceRisk.All(step);
        return (risks * Next(step, risks).to(risks.dtype)).sum();
    }

    /// <summary>The weights after a step.</summary>
    /// <param name="weights">The weights before <c>[K]</c>, positive.</param>
    /// <param name="risks">The domains' risks <c>[K]</c>, taken as constants.</param>
    /// <param name="rate">The rate eta.</param>
    /// <returns>The weights <c>[K]</c> of sum 1, float64; the caller disposes them.</returns>
    public static Tensor Raise(Tensor weights, Tensor risks, double rate = 0.01)
    {
        Guard.Alive(weights);
        Guard.Alive(risks);
        Guard.Positive(rate);
        if (weights.dim() != 1 || !weights.shape.SequenceEqual(risks.shape))
        {
            throw new ArgumentException(
                $"weights and risks must be one a domain, [K]; got {Shape.Of(weights)} and {Shape.Of(risks)}.",
                nameof(risks)
            );
        }
        using var scope = NewDisposeScope();
        // The shares of log q + eta R: no exponential of a large risk.
        var logs = weights.detach().to(float64).log() + (risks.detach().to(float64) * rate);
        return logs.softmax(0).MoveToOuterDisposeScope();
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
        var next = Next(step, null).clone().DetachFromDisposeScope();
        weights?.Dispose();
        weights = next;
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("weights", ref weights);
    }

    // Once a step: what the objective was weighed by is what the next step starts from.
    private Tensor Next(StepContext step, Tensor? risks) =>
        step.Once(
            this,
            step.Batch,
            () =>
            {
                using var quiet = no_grad();
                var now = risks ?? SourceRisk.All(step);
                return Raise(weights ?? full(now.shape[0], 1.0 / now.shape[0], float64, now.device), now, Rate);
            }
        );

    private void Forget()
    {
        weights?.Dispose();
        weights = null;
    }
}
