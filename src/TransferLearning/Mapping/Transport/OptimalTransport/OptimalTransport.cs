using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Optimal transport: source rows move onto the target's by the cheapest plan, at squared Euclidean cost.
/// </summary>
/// <remarks>
/// A solver gives the plan G for <c>C_ij = ||x_i - y_j||^2</c>, each source row goes to the mean of the target rows
/// that it sends mass to, and new rows move as the nearest known row does (Courty, Flamary, Tuia and Rakotomamonjy
/// 2017, "Optimal Transport for Domain Adaptation"). Solvers: <see cref="ExactTransport"/>,
/// <see cref="EntropicTransport"/>, <see cref="GroupLassoTransport"/>, <see cref="ClassSparseTransport"/>,
/// <see cref="LaplacianTransport"/>, <see cref="UnbalancedTransport"/>, <see cref="PartialTransport"/>,
/// <see cref="EntropicPartialTransport"/>, <see cref="GromovTransport"/>. Target rows stay; source weights are taken as
/// masses. Costs n m memory and the solver's time; <see cref="MiniBatchTransport"/> gets by with batches.
/// </remarks>
/// <param name="solver">Finds the plan; null for the exact one.</param>
public sealed class OptimalTransport(ITransportSolver? solver = null) : IFeatureMapping
{
    private readonly ITransportSolver solver = solver ?? new ExactTransport();

    /// <summary>
    /// Whether costs are divided by their largest, so that regularizations need not know the features' scale. Default
    /// false.
    /// </summary>
    public bool NormalizesCost { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return new PerDomainExtractor(
            Fit(domains.PooledSources(), domains.Target.Inputs, context),
            ExtractorChain.Of()
        );
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>; their classes serve solvers that use them.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public BarycentricMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        using var scope = NewDisposeScope();
        using var plan = Plan(source, target, context);
        return BarycentricMap.OfPlan(source.Inputs, target, plan);
    }

    /// <summary>Fits the inverse: the map of target rows onto the source's, by the same plan.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>; their classes serve solvers that use them.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public BarycentricMap FitInverse(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        using var scope = NewDisposeScope();
        using var plan = Plan(source, target, context);
        return BarycentricMap.OfPlan(target, source.Inputs, plan.t());
    }

    /// <summary>The plan between the rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>; their classes serve solvers that use them.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>Float64 <c>[n, m]</c>; the caller disposes it.</returns>
    public Tensor Plan(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        MemoryNeed.Check(
            nameof(OptimalTransport),
            target,
            source.Count,
            target.shape[0],
            1 + TransportProblem.MinMatrices,
            TransportProblem.WayOut,
            float64
        );
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var cost = SquaredDistances.Between(source.Inputs.to(float64), target.to(float64));
        if (NormalizesCost)
        {
            cost /= cost.max().clamp_min(1e-300);
        }
        var weights = source.Weights is { } given ? given.to(float64) / given.to(float64).sum() : null;
        var labels = source.Space.IsClasses ? source.Labels : null;
        var problem = new TransportProblem(cost, weights, sourceLabels: labels)
        {
            SourceRows = source.Inputs,
            TargetRows = target,
            Cancellation = context?.Cancellation ?? default,
        };
        return solver.Plan(problem).MoveToOuterDisposeScope();
    }
}
