using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Joint mapping estimation: a transport plan, and the linear or kernel map that follows it, each found with an eye to
/// the other.
/// </summary>
/// <remarks>
/// <para>
/// <c>min_(G, T) sum_i ||T(x_i) - n sum_j G_ij y_j||^2 + eta penalty(T) + mu n sum_ij G_ij ||x_i - y_j||^2</c> over
/// plans G with the rows' masses as marginals (Perrot, Courty, Flamary and Habrard 2016, "Mapping Estimation for
/// Discrete Optimal Transport"). Without a kernel <c>T(x) = x L + b</c> and the penalty is <c>||L - I||^2</c>; with one
/// <c>T(x) = k(x, X) A + b</c> and <c>tr(A' K A)</c>. The offset is not penalized. Where source rows have masses a_i,
/// the first sum weighs row i by n a_i and its goal is <c>sum_j G_ij y_j / a_i</c>.
/// </para>
/// <para>
/// Convex in both together: the best map of a plan is in closed form, and the conditional gradient (an
/// <see cref="ExactTransport"/> and a closed line search) descends in the plan with the map always at its best. New
/// rows are mapped as the known ones are. Target rows stay. Costs an exact plan a step, n^3 operations once, and n m +
/// n^2 memory.
/// </para>
/// </remarks>
public sealed record JointTransportMap : IFeatureMapping
{
    private const string WayOut = "Fit the map to a random part of the rows: it maps new rows as well.";

    /// <summary>
    /// The kernel of the map; null for a linear one. A bandwidth that depends on data is read off the source rows.
    /// Default null.
    /// </summary>
    public IKernel? Kernel { get; init; }

    /// <summary>
    /// The factor mu of the transport's cost, positive: large values lead to the plan of least cost, small ones to a
    /// plan that the map can follow. Default 1.
    /// </summary>
    [OptionRange(Above = 0)]
    public double CostWeight { get; init; } = 1;

    /// <summary>The factor eta of the map's penalty, positive. Default 0.001.</summary>
    [OptionRange(Above = 0)]
    public double Penalty { get; init; } = 1e-3;

    /// <summary>
    /// Whether the penalty is measured in the mean squared distance of the rows from their mean, so that it means the
    /// same in any unit. Default: it is. Under a Gaussian kernel it has that unit by itself.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>Whether the map has an offset b. Default true.</summary>
    public bool HasOffset { get; init; } = true;

    /// <summary>
    /// How far the objective may still lie above its least, relative to it, where it ends. Default 1e-5.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>
    /// The most steps; then the plan so far is taken: its objective is above the least by a constant over the steps
    /// (Frank and Wolfe 1956). Default 100.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 100;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        var source = domains.PooledSources();
        return new PerDomainExtractor(
            Fit(source.Inputs, domains.Target.Inputs, source.Weights, context),
            ExtractorChain.Of()
        );
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="weights">The source rows' masses <c>[n]</c>, in any scale; null for the same each.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The map, an <see cref="AffineMap"/> without a kernel; the caller disposes its parts.</returns>
    public IFeatureExtractor Fit(Tensor source, Tensor target, Tensor? weights = null, FitContext? context = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Pair(source, target);
        DomainChecks.Weights(weights, source.shape[0]);
        Guard.Options(this);
        var (n, m) = (source.shape[0], target.shape[0]);
        MemoryNeed.Check(nameof(JointTransportMap), target, n, m, 4 + TransportProblem.MinMatrices, WayOut, float64);
        MemoryNeed.Check(nameof(JointTransportMap), target, n, n, 3, WayOut, float64);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (x, y) = (source.detach().to(float64), target.detach().to(float64));
        var problem = new TransportProblem(
            SquaredDistances.Between(x, y),
            weights is null ? null : weights.to(float64) / weights.to(float64).sum()
        )
        {
            Cancellation = context?.Cancellation ?? default,
        };
        var kernel = Kernel?.FixedFor(x);
        // Errors and costs are squared lengths; the penalty is one too under a kernel without a unit, else a plain
        // number.
        var unit = RowUnit.Of(PenaltyScale, Kernel, source, target);
        var fit = new PlanFollower(
            x,
            kernel ?? new LinearKernel(),
            problem.SourceWeights * n,
            Penalty * unit * unit,
            HasOffset
        );
        // A linear map is drawn to the identity: it is fitted to how far each row goes.
        Tensor GoalsOf(Tensor plan) => plan.matmul(y) / problem.SourceWeights.clamp_min(1e-300).unsqueeze(1);
        var start = kernel is null ? x : zeros_like(x);
        var (best, offset) = fit.Map(GoalsOf(Plan(problem, GoalsOf, start, y, fit, context)) - start);
        var linear = kernel is null ? x.t().matmul(best) + eye(x.shape[1], dtype: float64, device: x.device) : null;
        return Map(source, kernel, linear ?? best, offset);
    }

    private static IFeatureExtractor Map(Tensor source, IKernel? kernel, Tensor weights, Tensor? offset)
    {
        if (kernel is null)
        {
            return new AffineMap(weights, offset);
        }
        var map = new KernelMap(kernel, source, weights, zeros(0, dtype: float64));
        return offset is null ? map : ExtractorChain.Of(map, new DiagonalMap(ones_like(offset), offset));
    }

    private Tensor Plan(
        TransportProblem problem,
        Func<Tensor, Tensor> goalsOf,
        Tensor start,
        Tensor y,
        PlanFollower fit,
        FitContext? context
    )
    {
        using var scope = NewDisposeScope();
        var n = start.shape[0];
        var cost = problem.Cost * (CostWeight * n);
        var exact = new ExactTransport();
        var plan = exact.Plan(problem);
        for (var step = 0; step < MaxSteps; step++)
        {
            context?.Report((double)step / MaxSteps);
            using var stepScope = NewDisposeScope();
            var (errors, value) = fit.Errors(goalsOf(plan) - start);
            var gradient = cost + (errors * (2.0 * n)).matmul(y.t());
            var move = exact.Plan(problem.WithCost(gradient)) - plan;
            // Along the move the objective is value + slope t + bend t^2; its least of all is not below value + slope.
            var slope = (gradient * move).sum().item<double>();
            if (-slope <= Tolerance * (value + (cost * plan).sum().item<double>()))
            {
                break;
            }
            var (_, bend) = fit.Errors(goalsOf(move));
            var length = bend > 0 ? Math.Min(1, -slope / (2 * bend)) : 1;
            plan.add_(move * length);
        }
        return plan.MoveToOuterDisposeScope();
    }
}
