using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Co-optimal transport: between spaces of different features or widths, a plan between the rows and a plan between the
/// features, each the best for the other.
/// </summary>
/// <remarks>
/// <para>
/// <c>min sum_ijkl (x_ik - y_jl)^2 P_ij Q_kl</c> over plans P <c>[n, m]</c> of the rows and Q <c>[d, e]</c> of the
/// features, whose masses are alike for all rows and all features (Redko, Vayer, Flamary and Courty 2020, "CO-Optimal
/// Transport"). From plans that send everything everywhere alike, P for the present Q and Q for the present
/// P take turns, each by <see cref="Solver"/>, until the cost falls by less than <see cref="Tolerance"/> of itself.
/// That is a local minimum, of which there may be several.
/// </para>
/// <para>
/// The map gives each target feature the mean of the source's features by its column of Q: <c>x -> x Q</c>, columns
/// divided by their sums. Numbers are compared as they are: features of both domains must be of one unit, and a feature
/// must lie in like ranges in both. Costs two products of n d and m e numbers and two transports a turn; P needs n m
/// memory.
/// </para>
/// </remarks>
public sealed record CoOptimalTransport : IFeatureMapping
{
    /// <summary>Finds the plans. Default the exact one.</summary>
    public ITransportSolver Solver { get; init; } = new ExactTransport();

    /// <summary>The most turns, at least 1. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxIterations { get; init; } = 100;

    /// <summary>The fall of the cost, relative to it, at which the turns end, not negative. Default 1e-9.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-9;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var sources = cat([.. domains.Sources.Select(source => source.Inputs)]);
        return new PerDomainExtractor(Fit(sources, domains.Target.Inputs, context), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows into the target's space.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, e]</c>, of any width.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map, <c>[n, d]</c> to <c>[n, e]</c>; the caller disposes it.</returns>
    public AffineMap Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        using var scope = NewDisposeScope();
        var (_, features) = Plans(source, target, context);
        return new AffineMap(features / features.sum(dim: 0, keepdim: true).clamp_min(1e-300));
    }

    /// <summary>The plans between the rows and between the features.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, e]</c>, of any width.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>Float64 <c>[n, m]</c> and <c>[d, e]</c>, each of sum 1; the caller disposes them.</returns>
    public (Tensor Rows, Tensor Features) Plans(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Rows(source);
        Guard.Rows(target);
        if (source.dtype != target.dtype || source.device_type != target.device_type)
        {
            throw new ArgumentException(
                $"source and target must have the same dtype and device; got {Shape.Of(source)} and "
                    + $"{Shape.Of(target)}.",
                nameof(target)
            );
        }
        ArgumentNullException.ThrowIfNull(Solver);
        Guard.Options(this);
        MemoryNeed.Check(
            nameof(CoOptimalTransport),
            target,
            source.shape[0],
            target.shape[0],
            1 + TransportProblem.MinMatrices,
            "Fit the map to a random part of the rows: it maps new rows as well.",
            float64
        );
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (x, y) = (source.to(float64), target.to(float64));
        // Squares enter by their means alone: the masses are fixed.
        var (xx, yy) = (x.square(), y.square());
        var ofRows = xx.mean([1L]).unsqueeze(1) + yy.mean([1L]).unsqueeze(0);
        var ofFeatures = xx.mean([0L]).unsqueeze(1) + yy.mean([0L]).unsqueeze(0);
        var rows = full([x.shape[0], y.shape[0]], 1.0 / x.shape[0] / y.shape[0], float64, x.device);
        var features = full([x.shape[1], y.shape[1]], 1.0 / x.shape[1] / y.shape[1], float64, x.device);
        var last = double.PositiveInfinity;
        for (var turn = 0; turn < MaxIterations; turn++)
        {
            Canceling.Check();
            rows = Plan(ofRows - (x.matmul(features).matmul(y.t()) * 2), context);
            var cost = ofFeatures - (x.t().matmul(rows).matmul(y) * 2);
            features = Plan(cost, context);
            var now = (cost * features).sum().item<double>();
            if (last - now <= Tolerance * Math.Abs(now))
            {
                break;
            }
            last = now;
            if (turn == MaxIterations - 1)
            {
                RunWarnings.StepLimit(nameof(CoOptimalTransport), nameof(MaxIterations), MaxIterations, Tolerance);
            }
        }
        return (rows.MoveToOuterDisposeScope(), features.MoveToOuterDisposeScope());
    }

    private Tensor Plan(Tensor cost, FitContext? context) =>
        Solver.Plan(new TransportProblem(cost) { Cancellation = context?.Cancellation ?? default });
}
