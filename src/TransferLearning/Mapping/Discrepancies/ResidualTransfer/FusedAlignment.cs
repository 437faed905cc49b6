using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// RTN's alignment: the discrepancy of the domains' features fused with the predictor's scores, each row as the product
/// of both.
/// </summary>
/// <remarks>
/// <c>D({f(s_i) x z(s_i)}, {f(t_j) x z(t_j)})</c>, <c>f x z</c> all products of a feature and a score, <c>[n, d C]</c>,
/// z the predictor's scores as they are (Long, Zhu, Wang and Jordan 2016, equation 5). Differentiable in features and
/// scores. With several sources the discrepancies are averaged; example weights as in <see cref="Alignment"/>.
/// </remarks>
public sealed record FusedAlignment : IObjective
{
    /// <summary>
    /// The discrepancy D. Default the paper's: the mean discrepancy under one Gaussian kernel
    /// <c>exp(-||a - b||^2 / m)</c>, m the median squared distance, biased. The authors' program sums the five kernels
    /// of <see cref="MultiKernelMaximumMeanDiscrepancy"/>.
    /// </summary>
    public IDiscrepancy Discrepancy { get; init; } = new MaximumMeanDiscrepancy(new GaussianKernel());

    /// <summary>
    /// The side p of the squares of products, p features by p scores, of which the largest stands for all. Default 1,
    /// the paper's: every product counts. The authors' program takes 2, which needs a quarter of the memory; features
    /// and scores beyond the last full square are left out.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Pooling { get; init; } = 1;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [Discrepancy];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(Discrepancy);
        Guard.Options(this);
        Tensor Fused(IBatch batch) => Of(step.Features(batch), step.Scores(batch), Pooling);
        var target = Fused(step.Target);
        var gaps = step.Sources.Select(source => Alignment.Gap(Discrepancy, Fused(source), target, source.Weights));
        return stack([.. gaps]).mean();
    }

    /// <summary>Features fused with scores.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="scores">Scores of the same rows <c>[n, C]</c>.</param>
    /// <param name="pooling">The side p of the squares of which the largest product counts.</param>
    /// <returns>
    /// The products, feature by feature, <c>[n, (d/p) (C/p)]</c>, rounded down; the caller disposes them.
    /// </returns>
    /// <exception cref="ArgumentException">The rows differ, or there are fewer features or scores than p.</exception>
    public static Tensor Of(Tensor features, Tensor scores, int pooling = 1)
    {
        Guard.Rows(features);
        Guard.Rows(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(pooling, 1);
        if (scores.shape[0] != features.shape[0])
        {
            throw new ArgumentException(
                $"scores must be of the rows of features, {features.shape[0]}; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        if (Math.Min(features.shape[1], scores.shape[1]) < pooling)
        {
            throw new ArgumentException(
                $"pooling must be at most the number of features and of scores; it is {pooling}, features are "
                    + $"{Shape.Of(features)} and scores {Shape.Of(scores)}.",
                nameof(pooling)
            );
        }
        using var scope = NewDisposeScope();
        var products = features.unsqueeze(2) * scores.unsqueeze(1); // [n, d, C]
        var kept = pooling == 1 ? products : nn.functional.max_pool2d(products.unsqueeze(1), pooling);
        return kept.flatten(1).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
