using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The mean discrepancy class by class, summed over several representations of the same rows; the penalty of
/// multi-representation adaptation networks (MRAN).
/// </summary>
/// <remarks>
/// <c>sum_r CMMD(f_r(s), f_r(t))</c> where the features are r representations side by side, each a run of columns, and
/// <c>CMMD = 1/C sum_c || mean_{y = c} phi(s) - mean_{y' = c} phi(t) ||^2</c> with y' the target's likeliest classes
/// (Zhu, Zhuang, Wang, Chen, Shi, Wu and He 2019, "Multi-representation adaptation network for cross-domain image
/// classification"). <see cref="ParallelBranches"/> makes such features. Differentiable in the features only; costs r
/// times the discrepancy's.
/// </remarks>
/// <param name="widths">
/// How many columns each representation has, in their order; at least one, all of them positive. Together they are all
/// columns.
/// </param>
public sealed class MultiRepresentationDiscrepancy(params IReadOnlyList<long> widths) : IObjective
{
    private readonly long[] widths =
        widths is { Count: > 0 } && widths.All(width => width > 0)
            ? [.. widths]
            : throw new ArgumentException("at least one width is needed, and all must be positive.", nameof(widths));

    /// <summary>
    /// The discrepancy of each representation. Default <see cref="LocalMaximumMeanDiscrepancy"/> with likeliest
    /// classes, the paper's.
    /// </summary>
    public LocalMaximumMeanDiscrepancy Discrepancy { get; init; } = new() { IsHard = true, DividesByAllClasses = true };

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
    /// <param name="source">Source features <c>[n, d]</c>, d the sum of the widths.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="probabilities">Their class probabilities <c>[m, C]</c>; no gradient flows into them.</param>
    /// <param name="weights">Weights <c>[n]</c> of the source rows, in any scale, or null.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(Tensor source, Tensor labels, Tensor target, Tensor probabilities, Tensor? weights = null)
    {
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        Guard.Pair(source, target);
        if (source.shape[1] != widths.Sum())
        {
            throw new ArgumentException(
                $"the widths {string.Join(" + ", widths)} must make up all columns of the features; got "
                    + $"{Shape.Of(source)}.",
                nameof(source)
            );
        }
        using var scope = NewDisposeScope();
        return source
            .split(widths, 1)
            .Zip(target.split(widths, 1))
            .Select(pair => Discrepancy.Between(pair.First, labels, pair.Second, probabilities, weights))
            .Aggregate((sum, next) => sum + next)
            .MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
