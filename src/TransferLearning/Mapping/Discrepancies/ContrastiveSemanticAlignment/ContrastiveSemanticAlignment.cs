using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// CCSA's term: draws source rows and a few labeled target rows of the same class together and holds those of different
/// classes a margin apart.
/// </summary>
/// <remarks>
/// <para>
/// <c>mean 1/2 ||x - t||^2</c> over the pairs of one class, plus <c>mean 1/2 max(0, margin - ||x - t||)^2</c> over the
/// pairs of two classes, x a source's feature and t a labeled target row's (Motiian, Piccirilli, Adjeroh and Doretto
/// 2017, "Unified Deep Supervised Domain Adaptation and Generalization", equations 3 to 6). The paper sums over classes
/// and pairs; means keep the term's size apart from the batch's. A kind of pair that a batch lacks adds 0. ADAPT
/// compares the margin with the squared distance, the paper with the distance.
/// </para>
/// <para>
/// Needs labeled target rows (FitFewShot); several sources are averaged. Differentiable in the features, rows that
/// coincide have slope 0. Costs <c>n m d</c>.
/// </para>
/// </remarks>
public sealed record ContrastiveSemanticAlignment : IObjective
{
    /// <summary>How far apart rows of different classes shall be. Default 1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Margin { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.Batch.LabeledTarget is not { } few)
        {
            throw new ArgumentException("needs labeled target rows: call FitFewShot(...).", nameof(step));
        }
        if (!few.Space.IsClasses)
        {
            throw new ArgumentException($"contrasts classes; the labels are {few.Space}.", nameof(step));
        }
        var target = step.Features(few);
        return step.Sources.Select(source =>
                    Between(step.Features(source), source.Labels, target, few.Labels, source.Weights, few.Weights)
                )
                .Aggregate((sum, next) => sum + next) / step.Sources.Count;
    }

    /// <summary>The term of two labeled samples.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="labels">Their class numbers <c>[n]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="targetLabels">Their class numbers <c>[m]</c>.</param>
    /// <param name="weights">
    /// Weights <c>[n]</c> of the source rows, in any scale, or null; a pair weighs the product of its rows'.
    /// </param>
    /// <param name="targetWeights">Weights <c>[m]</c> of the target rows, likewise.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Between(
        Tensor source,
        Tensor labels,
        Tensor target,
        Tensor targetLabels,
        Tensor? weights = null,
        Tensor? targetWeights = null
    )
    {
        Guard.Alive(labels);
        Guard.Alive(targetLabels);
        Guard.AliveOrNull(weights);
        Guard.AliveOrNull(targetWeights);
        Guard.Pair(source, target);
        Guard.Options(this);
        Check(labels, source, nameof(labels));
        Check(targetLabels, target, nameof(targetLabels));
        using var scope = NewDisposeScope();
        var isSame = labels.unsqueeze(1).eq(targetLabels.unsqueeze(0)).to(float64);
        var pairs = RowShares.Of(source, weights).unsqueeze(1) * RowShares.Of(target, targetWeights);
        var squares = SquaredDistances.Between(source.to(float64), target.to(float64));
        var lacking = (Margin - squares.clamp_min(1e-300).sqrt()).clamp_min(0).square();
        return ((Mean(squares, pairs * isSame) + Mean(lacking, pairs * (1 - isSame))) / 2)
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    private static Tensor Mean(Tensor values, Tensor masses) =>
        (values * masses).sum() / masses.sum().clamp_min(1e-300);

    private static void Check(Tensor labels, Tensor rows, string name)
    {
        ArgumentNullException.ThrowIfNull(labels, name);
        if (labels.dim() != 1 || labels.is_floating_point() || labels.shape[0] != rows.shape[0])
        {
            throw new ArgumentException(
                $"{name} must be class numbers [{rows.shape[0]}]; got {Shape.Of(labels)}.",
                name
            );
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => [.. plan.LabeledTarget(), .. ClassLabels.Faults(plan)];
}
