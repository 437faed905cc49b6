using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Cross-entropy with UDA's training-signal annealing: labeled examples that are already read with confidence are left
/// out.
/// </summary>
/// <remarks>
/// An example counts while <c>p(y_i) &lt;= threshold</c>, where the threshold rises from <c>1/C</c> to 1 over training:
/// <c>a(p) (1 - 1/C) + 1/C</c>. The sum is divided by the number of examples that count (Xie et al. 2020, "Unsupervised
/// Data Augmentation for Consistency Training", section 2.3).
/// </remarks>
/// <param name="Annealing">How the threshold rises. Default linear.</param>
public sealed record AnnealedCrossEntropy(SignalAnnealing Annealing = SignalAnnealing.Linear) : IObjective
{
    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var terms = step.Labeled.Select(batch =>
        {
            var scores = step.Scores(batch);
            return Of(scores, batch.Labels, Threshold(Annealing, step.Progress, scores.shape[1]), batch.Weights);
        });
        return stack([.. terms]).mean();
    }

    /// <summary>The threshold at some progress.</summary>
    /// <param name="annealing">How it rises.</param>
    /// <param name="progress">From 0 to 1.</param>
    /// <param name="classes">The number of classes C.</param>
    public static double Threshold(SignalAnnealing annealing, double progress, long classes)
    {
        var share = annealing switch
        {
            SignalAnnealing.Linear => progress,
            SignalAnnealing.Logarithmic => 1 - Math.Exp(-5 * progress),
            SignalAnnealing.Exponential => Math.Exp(5 * (progress - 1)),
            _ => throw new ArgumentOutOfRangeException(nameof(annealing), annealing, "is not a known annealing."),
        };
        return (share * (1 - (1.0 / classes))) + (1.0 / classes);
    }

    /// <summary>The cross-entropy of the examples that count.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="threshold">Examples whose expected probability of the label exceeds it are left out.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null.</param>
    /// <returns>A scalar, 0 where no example counts; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, double threshold, Tensor? weights = null)
    {
        Guard.Alive(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        var rows = CrossEntropy.PerRow(scores, labels);
        var probabilities = scores.detach().softmax(1);
        var right = labels.is_floating_point()
            ? (probabilities * labels).sum(1)
            : probabilities.gather(1, labels.unsqueeze(1)).squeeze(1);
        var kept = right.le(threshold).to(rows.dtype);
        var counted = weights is null ? kept : kept * weights.to(rows.dtype);
        return ((rows * counted).sum() / kept.sum().clamp_min(1)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
