using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// Cycle self-training (CST): a classifier that is fitted to the target's pseudo-labels alone must read the source
/// rightly.
/// </summary>
/// <remarks>
/// <c>1/n sum_i w_i mean_c (f(s_i)_c - (y_ic - 1/C))^2</c> for the ridge regression
/// <c>f(x) = k(x)' (K + r I)^-1 (Y - 1/C)</c> of the target batch's readings Y, one-hot and constant, on its features
/// of unit length: <c>K = T T'</c>, <c>k(x) = T x</c>. Gradients flow through the features of both domains, so that the
/// extractor learns features in which the target's readings carry over (Liu, Wang and Long 2021, "Cycle Self-Training
/// for Domain Adaptation", equation 6, in the closed form of the authors' program). The sources' means are averaged.
/// Costs the factorization of an <c>m x m</c> matrix for m target rows. Goes with <see cref="TsallisEntropy"/>.
/// </remarks>
public sealed record CycleSelfTraining : IObjective
{
    /// <summary>The ridge r, positive. Default 0.001, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 0.001;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (features, scores) = (step.Features(step.Target), step.Scores(step.Target));
        var terms = step.Sources.Select(source =>
            Of(step.Features(source), SoftLabels.Of(source).to(scores.dtype), features, scores, Ridge, source.Weights)
        );
        return stack([.. terms]).mean();
    }

    /// <summary>The loss of two samples.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="probabilities">The source's labels as class probabilities <c>[n, C]</c>, one-hot as a rule.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="scores">Logits of the target <c>[m, C]</c>, of which the classes count; taken as constants.</param>
    /// <param name="ridge">The ridge.</param>
    /// <param name="weights">
    /// Weights of the source rows <c>[n]</c>, or null. The mean is over rows, not over weights.
    /// </param>
    /// <returns>A scalar, differentiable in the features of both; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor source,
        Tensor probabilities,
        Tensor target,
        Tensor scores,
        double ridge = 0.001,
        Tensor? weights = null
    )
    {
        Guard.Pair(source, target);
        Guard.Pair(probabilities, scores);
        Guard.AliveOrNull(weights);
        Guard.Positive(ridge);
        if (probabilities.shape[0] != source.shape[0] || scores.shape[0] != target.shape[0])
        {
            throw new ArgumentException(
                $"probabilities and scores must be of the {source.shape[0]} source and {target.shape[0]} target rows; "
                    + $"got {Shape.Of(probabilities)} and {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        using var scope = NewDisposeScope();
        var classes = scores.shape[1];
        // In float64: the ridge is small beside a batch's largest eigenvalue.
        var (s, t) = (RowLengths.Unit(source.to(float64)), RowLengths.Unit(target.to(float64)));
        var read = nn.functional.one_hot(scores.detach().argmax(1), classes).to(float64) - (1.0 / classes);
        var kernel = t.matmul(t.t()) + (eye(t.shape[0], dtype: float64, device: t.device) * ridge);
        var said = s.matmul(t.t()).matmul(linalg.solve(kernel, read));
        var wanted = probabilities.detach().to(float64) - (1.0 / classes);
        var rows = (said - wanted).square().mean([1L]);
        return (weights is null ? rows : rows * weights.detach().to(float64))
            .mean()
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
