using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// JMMD: the mean discrepancy of features and predictions together; the penalty of joint adaptation networks (JAN).
/// </summary>
/// <remarks>
/// The mean discrepancy under the product kernel <c>k((f, p), (f', p')) = sum_u exp(-||f - f'||^2 / (2 a_u s^2))
/// exp(-||p - p'||^2 / (2 v^2))</c> of features f and class probabilities p, <c>s^2</c> the mean squared distance over
/// all pairs of the stacked batch, without gradient (Long, Zhu, Wang and Jordan 2017, "Deep Transfer Learning with
/// Joint Adaptation Networks", equation 9; the widths as in the authors' code). Differentiable in features and
/// probabilities. With several sources the discrepancies are averaged.
/// </remarks>
public sealed record JointMaximumMeanDiscrepancy : IObjective
{
    /// <summary>The multipliers <c>a_u</c> of the features' squared width. Default 1/8, 1/4, 1/2, 1, 2.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> Multipliers { get; init; } = [0.125, 0.25, 0.5, 1, 2];

    /// <summary>The width v of the probabilities' kernel. Default 0.92, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double ProbabilityWidth { get; init; } = 0.92;

    /// <summary>How it is estimated. Default unbiased.</summary>
    public MeanEmbeddingEstimator Estimator { get; init; } = MeanEmbeddingEstimator.Unbiased;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = (step.Features(step.Target), step.Scores(step.Target).softmax(1));
        return step.Sources.Select(source =>
                    Between((step.Features(source), step.Scores(source).softmax(1)), target, source.Weights)
                )
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>The discrepancy of two samples of features with their class probabilities.</summary>
    /// <param name="source">Source features <c>[n, d]</c> and probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c> and probabilities <c>[m, C]</c>.</param>
    /// <param name="weights">Weights <c>[n]</c> of the source rows, in any scale, or null.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(
        (Tensor Features, Tensor Probabilities) source,
        (Tensor Features, Tensor Probabilities) target,
        Tensor? weights = null
    )
    {
        Guard.AliveOrNull(weights);
        MeanEmbedding.Check(source.Features, target.Features, Estimator);
        MeanEmbedding.Check(source.Probabilities, target.Probabilities, Estimator);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var type = source.Features.dtype;
        var shares = RowShares.Of(source.Features, weights);
        // Features and probabilities side by side: a row of both is what the product kernel sees.
        static Tensor Joined((Tensor Features, Tensor Probabilities) of) =>
            cat([of.Features.to(float64), of.Probabilities.to(float64)], 1);
        var (s, t) = (Joined(source), Joined(target));
        var (d, width) = (source.Features.shape[1], Width(source.Features, target.Features));
        (Tensor Features, Tensor Probabilities) Parts(Tensor rows) =>
            (rows.narrow(1, 0, d), rows.narrow(1, d, rows.shape[1] - d));
        Tensor Pairwise(Tensor a, Tensor b)
        {
            var (features, probabilities) = Parts((a - b).square());
            return Kernel(features.sum(1), probabilities.sum(1), width);
        }
        Tensor Quadratic(Tensor rows)
        {
            MeanEmbedding.CheckMemory(nameof(JointMaximumMeanDiscrepancy), rows, 4 + (3 * Multipliers.Count));
            var (features, probabilities) = Parts(rows);
            return Kernel(
                SquaredDistances.Between(features, features),
                SquaredDistances.Between(probabilities, probabilities),
                width
            );
        }
        return (
            MeanEmbedding.IsLinear(Estimator)
                ? MeanEmbedding.FromPairs(Pairwise, s, t, shares, Estimator)
                : MeanEmbedding.FromMatrix(Quadratic(cat([s, t])), shares, Estimator)
        )
            .to(type)
            .MoveToOuterDisposeScope();
    }

    private static Tensor Width(Tensor source, Tensor target) =>
        MeanEmbedding.MeanSquaredDistance(cat([source, target]).detach().to(float64)).clamp_min(1e-30);

    private Tensor Kernel(Tensor ofFeatures, Tensor ofProbabilities, Tensor width)
    {
        var scaled = ofFeatures / (-2 * width);
        var sum = Multipliers.Select(multiplier => (scaled / multiplier).exp()).Aggregate((all, next) => all + next);
        return sum * (ofProbabilities / (-2 * ProbabilityWidth * ProbabilityWidth)).exp();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        [.. plan.OfClasses(), .. MeanEmbedding.IsLinear(Estimator) ? plan.EqualBatches() : []];
}
