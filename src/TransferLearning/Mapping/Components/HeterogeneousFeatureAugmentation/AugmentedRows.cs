using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// What both machines on augmented features do with rows: those with weight, their costs, their kernels.
/// </summary>
internal static class AugmentedRows
{
    private const double Least = 1e-8; // what weighs less changes nothing, and its cost leaves no digits

    /// <summary>Rows that have weight.</summary>
    /// <param name="Given">The rows as they came <c>[n, d]</c>.</param>
    /// <param name="Rows">The rows in float64.</param>
    /// <param name="Labels">Their classes <c>[n]</c>.</param>
    /// <param name="Costs">What they cost, by their weights <c>[n]</c>.</param>
    public readonly record struct Kept(Tensor Given, Tensor Rows, Tensor Labels, Tensor Costs);

    /// <summary>The plan after a classifier of rows of both domains' own kinds.</summary>
    public static ChainPlan Plan(ChainPlan plan)
    {
        RowChecks.Vectors(plan);
        RowChecks.Classes(plan);
        plan.AddFaults(plan.LabeledTarget());
        return plan.WithFittedPredictor();
    }

    /// <summary>Labeled rows must be of the same classes, dtype and device; their widths may differ.</summary>
    public static void Check(LabeledDomain source, LabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Rows(source.Inputs, 2, nameof(source));
        Guard.Rows(target.Inputs, 2, nameof(target));
        ClassLabels.Check(source);
        if (source.Space != target.Space)
        {
            throw new ArgumentException(
                $"target must have the source's labels, {source.Space}; got {target.Space}.",
                nameof(target)
            );
        }
        Alike(source.Inputs, target.Inputs, nameof(target));
    }

    /// <summary>Rows must be of the same dtype and device.</summary>
    public static void Alike(Tensor source, Tensor other, string name)
    {
        if (source.dtype != other.dtype || source.device_type != other.device_type)
        {
            throw new ArgumentException(
                $"{name} must have the dtype and device of the source; got {Shape.Of(source)} and {Shape.Of(other)}.",
                name
            );
        }
    }

    /// <summary>The rows of a domain whose weight is more than 1e-8 of the mean. Opens no scope.</summary>
    public static Kept Of(LabeledDomain domain, double cost)
    {
        var weights = RelativeWeights.Of(domain);
        var kept = weights.gt(Least).nonzero().squeeze(1);
        var given = domain.Inputs.index_select(0, kept);
        return new Kept(
            given,
            given.to(float64),
            domain.Labels.index_select(0, kept),
            weights.index_select(0, kept) * cost
        );
    }

    /// <summary>
    /// The kernel of target rows, and both domains' similarities as blocks <c>[n + m, n + m]</c>. Opens no scope.
    /// </summary>
    public static (IKernel OfTarget, Tensor All) Similarities(IKernel kernel, Tensor source, Tensor target)
    {
        // A single row has no distance to read a width off.
        IKernel Fixed(Tensor rows) => kernel.FixedFor(rows.shape[0] > 1 ? rows : cat([rows, rows]));
        var (ofSource, ofTarget) = (Fixed(source), Fixed(target));
        var (n, m) = (source.shape[0], target.shape[0]);
        var all = zeros([n + m, n + m], float64, source.device);
        all.narrow(0, 0, n).narrow(1, 0, n).copy_(ofSource.Matrix(source, source));
        all.narrow(0, n, m).narrow(1, n, m).copy_(ofTarget.Matrix(target, target));
        return (ofTarget, all);
    }
}
