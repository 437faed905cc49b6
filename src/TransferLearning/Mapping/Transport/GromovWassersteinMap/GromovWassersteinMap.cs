using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Gromov-Wasserstein map: between spaces of different features or widths, by a plan under which rows that are near
/// each other go to rows that are near each other.
/// </summary>
/// <remarks>
/// <para>
/// The plan G is that of <see cref="Solver"/>, <c>min sum_ijkl (D_ik - E_jl)^2 G_ij G_kl</c> with the distances D
/// within the source and E within the target (Mémoli 2011, "Gromov-Wasserstein Distances and the Metric Approach to
/// Object Matching"). Source row i goes to <c>sum_j G_ij y_j / sum_j G_ij</c>; a new row goes where its nearest source
/// row goes. Rows that send nothing, where a share of the mass moves, are left out. Or labels travel instead of rows:
/// <see cref="Labels"/>.
/// </para>
/// <para>
/// Distances know nothing of classes, and a cloud may lie on another in several ways. Where something is known of pairs
/// of rows, <c>cost</c> says it, and a <see cref="GromovTransport.StructureShare"/> below 1 lets it count:
/// <see cref="ClassCost"/> for a few labeled target rows, distances where the domains have some features in common. In
/// a chain, where all are, it is the squared distance over its largest.
/// </para>
/// </remarks>
public sealed record GromovWassersteinMap : IFeatureMapping
{
    private const string WayOut = "Fit the map to a random part of the rows: it maps new rows as well.";

    /// <summary>Finds the plan. Default the exact one, by distances alone.</summary>
    public GromovTransport Solver { get; init; } = new();

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        ArgumentNullException.ThrowIfNull(Solver);
        var (source, target) = (domains.PooledSources(), domains.Target.Inputs);
        var plan = PlanOf(source.Inputs, source.Weights, target, Apart(source.Inputs, target), context);
        return new PerDomainExtractor(new NearestImageMap(source.Inputs, target, plan), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows into the target's space.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, e]</c>, of any width.</param>
    /// <param name="cost">
    /// What is known of pairs of rows, <c>[n, m]</c>: large where they do not belong together. Null for nothing.
    /// </param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map, <c>[n, d]</c> to <c>[n, e]</c>; the caller disposes it.</returns>
    public NearestImageMap Fit(Tensor source, Tensor target, Tensor? cost = null, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return new NearestImageMap(source, target, PlanOf(source, null, target, cost, context));
    }

    /// <summary>Fits the inverse: the map of target rows into the source's space, by the same plan.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, e]</c>, of any width.</param>
    /// <param name="cost">What is known of pairs of rows, <c>[n, m]</c>; null for nothing.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map, <c>[m, e]</c> to <c>[m, d]</c>; the caller disposes it.</returns>
    public NearestImageMap FitInverse(Tensor source, Tensor target, Tensor? cost = null, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return new NearestImageMap(target, source, PlanOf(source, null, target, cost, context).t());
    }

    /// <summary>The plan between the rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, e]</c>, of any width.</param>
    /// <param name="cost">What is known of pairs of rows, <c>[n, m]</c>; null for nothing.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>Float64 <c>[n, m]</c>, of sum 1 or of the solver's share; the caller disposes it.</returns>
    public Tensor Plan(Tensor source, Tensor target, Tensor? cost = null, FitContext? context = null)
    {
        using var canceling = Canceling.By(context);
        return PlanOf(source, null, target, cost, context);
    }

    /// <summary>The labels that come to the target rows along the plan.</summary>
    /// <remarks><c>l_j = sum_i G_ij y_i / sum_i G_ij</c>, y one-hot for classes. Source weights are masses.</remarks>
    /// <param name="source">Source rows <c>[n, d]</c> with classes or values.</param>
    /// <param name="target">Target rows <c>[m, e]</c>, of any width.</param>
    /// <param name="cost">What is known of pairs of rows, <c>[n, m]</c>; null for nothing.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>
    /// Shares of the classes <c>[m, classes]</c>, or values <c>[m, k]</c>, in the rows' dtype; zeros where no mass
    /// comes. The caller disposes them.
    /// </returns>
    public Tensor Labels(LabeledDomain source, Tensor target, Tensor? cost = null, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var plan = PlanOf(source.Inputs, source.Weights, target, cost, context);
        var received = plan.t().matmul(LabelTargets.Of(source, float64));
        return LabelShares.Of(received, plan.sum(dim: 0)).to(target.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>A cost of pairs of rows whose classes are known to differ.</summary>
    /// <param name="sourceClasses">The classes <c>[n]</c> of the source rows, int64.</param>
    /// <param name="targetClasses">The classes <c>[m]</c> of the target rows, int64; -1 where it is not known.</param>
    /// <returns>
    /// Float64 <c>[n, m]</c>: 1 where the classes differ, 0 where they agree or the target's is not known. The caller
    /// disposes it.
    /// </returns>
    public static Tensor ClassCost(Tensor sourceClasses, Tensor targetClasses)
    {
        Guard.Alive(sourceClasses);
        Guard.Alive(targetClasses);
        Classes(sourceClasses, nameof(sourceClasses));
        Classes(targetClasses, nameof(targetClasses));
        using var scope = NewDisposeScope();
        var isKnown = targetClasses.ge(0).unsqueeze(0);
        return sourceClasses
            .to(targetClasses.device)
            .unsqueeze(1)
            .ne(targetClasses.unsqueeze(0))
            .logical_and(isKnown)
            .to(float64)
            .MoveToOuterDisposeScope();
    }

    // Rows of a chain have the same features, so that their distance across domains counts where anything does.
    private Tensor? Apart(Tensor source, Tensor target)
    {
        if (Solver.StructureShare == 1)
        {
            return null;
        }
        MemoryNeed.Check(nameof(GromovWassersteinMap), target, source.shape[0], target.shape[0], 8, WayOut, float64);
        var distances = SquaredDistances.Between(source.to(float64), target.to(float64));
        return distances / distances.max().clamp_min(1e-300);
    }

    private static void Classes(Tensor labels, string name)
    {
        if (labels.dim() != 1 || labels.dtype != int64)
        {
            throw new ArgumentException($"{name} must be class numbers [n], int64; got {Shape.Of(labels)}.", name);
        }
    }

    private Tensor PlanOf(Tensor source, Tensor? weights, Tensor target, Tensor? cost, FitContext? context)
    {
        Guard.Rows(source);
        Guard.Rows(target);
        Guard.AliveOrNull(cost);
        if (source.dtype != target.dtype || source.device_type != target.device_type)
        {
            throw new ArgumentException(
                $"source and target must have the same dtype and device; got {Shape.Of(source)} and "
                    + $"{Shape.Of(target)}.",
                nameof(target)
            );
        }
        ArgumentNullException.ThrowIfNull(Solver);
        Guard.Options(Solver);
        long[] pairs = [source.shape[0], target.shape[0]];
        if (cost is not null && !cost.shape.SequenceEqual(pairs))
        {
            throw new ArgumentException(
                $"cost must be [{pairs[0]}, {pairs[1]}], one for each pair of rows; got {Shape.Of(cost)}.",
                nameof(cost)
            );
        }
        if ((cost is null) != (Solver.StructureShare == 1))
        {
            throw new ArgumentException(
                cost is null
                    ? "cost must say what is known of pairs of rows where StructureShare is below 1: give it, or leave "
                        + "StructureShare at 1."
                    : "cost does not count where StructureShare is 1: lower it, or leave cost out.",
                nameof(cost)
            );
        }
        MemoryNeed.Check(nameof(GromovWassersteinMap), target, pairs[0], pairs[1], 8, WayOut, float64);
        MemoryNeed.Check(nameof(GromovWassersteinMap), target, pairs.Max(), pairs.Max(), 3, WayOut, float64);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var problem = new TransportProblem(
            cost ?? zeros(pairs, float64, target.device),
            weights is null ? null : weights.to(float64) / weights.to(float64).sum()
        )
        {
            SourceRows = source,
            TargetRows = target,
            Cancellation = context?.Cancellation ?? default,
        };
        return Solver.Plan(problem).MoveToOuterDisposeScope();
    }
}
