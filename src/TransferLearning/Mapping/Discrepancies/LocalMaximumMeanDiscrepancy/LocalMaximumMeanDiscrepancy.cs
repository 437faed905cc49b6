using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// LMMD: the mean discrepancy class by class, the target's classes being the predictor's probabilities; the penalty of
/// DSAN.
/// </summary>
/// <remarks>
/// <c>1/K sum_c || sum_i w^s_ic phi(s_i) - sum_j w^t_jc phi(t_j) ||^2</c> with <c>w^s_ic = y_ic / sum_i y_ic</c>,
/// <c>w^t_jc = p_jc / sum_j p_jc</c> and the multi-kernel phi of <see cref="MultiKernelMaximumMeanDiscrepancy"/> (Zhu,
/// Zhuang, Wang, Ke, Chen, Bian, Xiong and He 2020, "Deep Subdomain Adaptation Network for Image Classification",
/// equation 6). Classes that no row of the batch has, by its label in the source and by its likeliest class in the
/// target, contribute nothing, and K is the number of the others, as in the authors' code. Example weights multiply
/// <c>y_ic</c>. Differentiable in the features only; costs <c>(n + m)^2 (d + C)</c>. Computed in float64.
/// </remarks>
public sealed record LocalMaximumMeanDiscrepancy : IObjective
{
    /// <summary>The multipliers of the squared width. Default 1/8, 1/4, 1/2, 1, 2.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> Multipliers { get; init; } = [0.125, 0.25, 0.5, 1, 2];

    /// <summary>
    /// Whether a target row counts for its likeliest class alone (CMMD; Zhu et al. 2019, the paper of MRAN) and not for
    /// all by their probabilities. Default false.
    /// </summary>
    public bool IsHard { get; init; }

    /// <summary>
    /// Whether the sum is divided by all C classes, as the paper's formula says, and not by those that both batches
    /// hold. With few rows a batch that makes the term weaker. Default false, the authors' program.
    /// </summary>
    public bool DividesByAllClasses { get; init; }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = step.Features(step.Target);
        var probabilities = step.Scores(step.Target).detach().softmax(1);
        return step.Sources.Select(source =>
                    Between(step.Features(source), source.Labels, target, probabilities, source.Weights)
                )
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>The discrepancy of two samples.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="probabilities">Their class probabilities <c>[m, C]</c>; no gradient flows into them.</param>
    /// <param name="weights">Weights <c>[n]</c> of the source rows, in any scale, or null.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(Tensor source, Tensor labels, Tensor target, Tensor probabilities, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Pair(source, target);
        Guard.Rows(probabilities);
        Guard.Alive(labels);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var classes = probabilities.shape[1];
        var of = labels.is_floating_point() ? labels : nn.functional.one_hot(labels, classes);
        var ofTargets = IsHard ? nn.functional.one_hot(probabilities.argmax(1), classes) : probabilities;
        var known = of.detach().to(float64) * RowShares.Of(source, weights).unsqueeze(1);
        var (ofSource, ofTarget, shared) = Shares(known, ofTargets.detach().to(float64));
        // sum_c |w_c' phi|^2 with w the signed shares of all rows: one trace of a product.
        var signed = cat([ofSource, ofTarget.neg()]);
        var all = cat([source, target]).to(float64);
        MeanEmbedding.CheckMemory(nameof(LocalMaximumMeanDiscrepancy), all, 3 + (3 * Multipliers.Count));
        var distances = SquaredDistances.Between(all, all);
        var kernel = new MultiKernelMaximumMeanDiscrepancy { Multipliers = Multipliers }.Kernels(
            distances,
            distances.detach().mean().clamp_min(1e-30)
        );
        var sum = (signed.matmul(signed.t()) * kernel).sum();
        return (DividesByAllClasses ? sum / classes : sum / shared.clamp_min(1))
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    // Each row's share of its class, columns of classes that one side lacks set to 0, and how many columns are left.
    private static (Tensor Source, Tensor Target, Tensor Shared) Shares(Tensor source, Tensor target)
    {
        var (inSource, inTarget) = (source.sum(dim: 0), target.sum(dim: 0));
        var likeliest = nn.functional.one_hot(target.argmax(1), target.shape[1]).sum(dim: 0);
        var both = inSource.gt(0).logical_and(likeliest.gt(0)).to(source.dtype);
        return (source / inSource.clamp_min(1e-300) * both, target / inTarget.clamp_min(1e-300) * both, both.sum());
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
