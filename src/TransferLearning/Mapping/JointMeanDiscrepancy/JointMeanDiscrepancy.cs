using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>JMMD: the mean discrepancy of features and predictions together; the penalty of joint adaptation networks (JAN).</summary>
/// <remarks>
/// The mean discrepancy under the product kernel <c>k((f, p), (f', p')) = sum_u exp(-||f - f'||^2 / (2 a_u s^2)) exp(-||p - p'||^2 / (2 v^2))</c> of features f and class
/// probabilities p, <c>s^2</c> the mean squared distance over all pairs of the stacked batch, without gradient (Long, Zhu, Wang and Jordan 2017, "Deep Transfer Learning with Joint
/// Adaptation Networks", equation 9; the widths as in the authors' code). Differentiable in features and probabilities. With several sources the discrepancies are averaged.
/// </remarks>
public sealed record JointMeanDiscrepancy : IObjective
{
    /// <summary>The multipliers <c>a_u</c> of the features' squared width. Default 1/8, 1/4, 1/2, 1, 2.</summary>
    public IReadOnlyList<double> Multipliers { get; init; } = [0.125, 0.25, 0.5, 1, 2];

    /// <summary>The width v of the probabilities' kernel. Default 0.92, the authors'.</summary>
    public double ProbabilityWidth { get; init; } = 0.92;

    /// <summary>How it is estimated. Default unbiased.</summary>
    public MeanEmbeddingEstimator Estimator { get; init; } = MeanEmbeddingEstimator.Unbiased;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = (step.Features(step.Target), step.Scores(step.Target).softmax(1));
        return step.Sources.Select(source => Between((step.Features(source), step.Scores(source).softmax(1)), target))
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>The discrepancy of two samples of features with their class probabilities.</summary>
    /// <param name="source">Source features <c>[n, d]</c> and probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c> and probabilities <c>[m, C]</c>.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(
        (Tensor Features, Tensor Probabilities) source,
        (Tensor Features, Tensor Probabilities) target
    )
    {
        MeanEmbedding.Check(source.Features, target.Features, Estimator);
        MeanEmbedding.Check(source.Probabilities, target.Probabilities, Estimator);
        MeanEmbedding.Check(Multipliers);
        Guard.Positive(ProbabilityWidth);
        using var scope = NewDisposeScope();
        var features = cat([source.Features, target.Features]);
        var width = MeanEmbedding.MeanSquaredDistance(features.detach()).clamp_min(1e-30);
        return (
            MeanEmbedding.IsLinear(Estimator)
                ? Linear(source, target, width)
                : Quadratic(
                    features,
                    cat([source.Probabilities, target.Probabilities]),
                    source.Features.shape[0],
                    width
                )
        ).MoveToOuterDisposeScope();
    }

    private Tensor Quadratic(Tensor features, Tensor probabilities, long n, Tensor width)
    {
        MeanEmbedding.CheckMemory(nameof(JointMeanDiscrepancy), features, 4 + (3 * Multipliers.Count));
        return MeanEmbedding.FromMatrix(
            Kernel(
                SquaredDistances.Between(features, features),
                SquaredDistances.Between(probabilities, probabilities),
                width
            ),
            n,
            Estimator
        );
    }

    private Tensor Linear(
        (Tensor Features, Tensor Probabilities) source,
        (Tensor Features, Tensor Probabilities) target,
        Tensor width
    )
    {
        var f = MeanEmbedding.Pairs(source.Features, target.Features, Estimator);
        var p = MeanEmbedding.Pairs(source.Probabilities, target.Probabilities, Estimator);
        Tensor Of(Tensor fa, Tensor fb, Tensor pa, Tensor pb) =>
            Kernel((fa - fb).square().sum(1), (pa - pb).square().sum(1), width);
        var within =
            Of(f.FirstSource, f.SecondSource, p.FirstSource, p.SecondSource)
            + Of(f.FirstTarget, f.SecondTarget, p.FirstTarget, p.SecondTarget);
        var across =
            Of(f.FirstSource, f.SecondTarget, p.FirstSource, p.SecondTarget)
            + Of(f.SecondSource, f.FirstTarget, p.SecondSource, p.FirstTarget);
        return (within - across).mean();
    }

    private Tensor Kernel(Tensor ofFeatures, Tensor ofProbabilities, Tensor width)
    {
        var scaled = ofFeatures / (-2 * width);
        var sum = Multipliers.Select(multiplier => (scaled / multiplier).exp()).Aggregate((all, next) => all + next);
        return sum * (ofProbabilities / (-2 * ProbabilityWidth * ProbabilityWidth)).exp();
    }
}
