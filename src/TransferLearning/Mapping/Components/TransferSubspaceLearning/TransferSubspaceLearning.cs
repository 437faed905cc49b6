using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// TSL: the linear subspace that is best for the source's rows and in which the domains' densities agree.
/// </summary>
/// <remarks>
/// <para>
/// Orthonormal directions W minimize <c>F(W) + weight D(W)</c> with what <see cref="Objective"/> says of the source's
/// rows and D, the quadratic (Bregman) divergence <c>integral (p_s - p_t)^2</c> of both domains' kernel density
/// estimates in the subspace (Si, Tao and Geng 2010, "Bregman Divergence-Based Regularization for Transfer Subspace
/// Learning"). With the same Gaussian window of covariance <c>h^2 C</c> for both, C the covariance of all projected
/// rows, it is, but for the Gaussian's constant, which would make the weight depend on unit and dimension, the squared
/// distance of the means of the kernel <c>exp(-(y - y')'C^(-1)(y - y') / (4 h^2))</c>.
/// </para>
/// <para>
/// Limited-memory BFGS, over W as the orthonormal factor of a free matrix, finds a local minimum from the leading
/// principal axes of all rows. W's columns are then turned to the principal axes of the projected rows. Costs a
/// principal component analysis and <c>(n + m)^2 k</c> operations a step, some tens of steps, and <c>(n + m)^2</c>
/// memory. Weights of rows are not used.
/// </para>
/// </remarks>
public sealed record TransferSubspaceLearning : IFeatureMapping
{
    /// <summary>
    /// What the subspace is to keep of the source's rows. Default <see cref="FisherRatio"/> for classes,
    /// <see cref="PrincipalVariance"/> for values.
    /// </summary>
    public ISubspaceObjective? Objective { get; init; }

    /// <summary>
    /// How many directions k, at most the dimensions that all rows span; null, the default, takes 10 or half of the
    /// width.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>
    /// The weight of the divergence, not negative. Default 30: a divergence of some hundredths then weighs as much as
    /// the objective.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double DivergenceWeight { get; init; } = 30;

    /// <summary>
    /// The window's width h in standard deviations of the projected rows, positive; null, the default, takes
    /// <c>sqrt(k / 2)</c>, at which two rows at the mean squared distance are worth <c>exp(-1)</c>.
    /// </summary>
    [OptionRange(Above = 0)]
    public double? Bandwidth { get; init; }

    /// <summary>The largest gradient entry at which the fit ends. Default 1e-5.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-5;

    /// <summary>The most steps. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 100;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Components;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources(), domains.Target.Inputs, context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public AffineMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        Check(source, target);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var recording = new Recording();
        using var quiet = no_grad();
        var rows = cat([source.Inputs, target]).to(float64);
        var scatter = Moments.Of([new TensorRows(rows)]).Scatter;
        var axes = Spanned(scatter);
        var (r, k) = (axes.shape[1], Count(axes.shape[1], target.shape[1]));
        var reduced = (rows - rows.mean([0L], keepdim: true)).matmul(axes);
        var spread = axes.t().matmul(scatter).matmul(axes) / rows.shape[0];
        var (s, t) = (reduced.narrow(0, 0, source.Count), reduced.narrow(0, source.Count, target.shape[0]));
        var keeps = (Objective ?? DefaultFor(source.Space)).For(source.WithInputs(s));
        var width = Bandwidth ?? Math.Sqrt(k / 2.0);
        var divergence = new MaximumMeanDiscrepancy(new GaussianKernel(1 / (4 * width * width)));
        Tensor Directions(Tensor flat) => linalg.qr(flat.reshape(r, k)).Q;
        (Tensor, Tensor) Value(Tensor flat)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var loud = enable_grad();
            var leaf = flat.detach().requires_grad_();
            var w = Directions(leaf);
            var factor = linalg.cholesky(w.t().matmul(spread.matmul(w)));
            Tensor Whitened(Tensor some) => linalg.solve(factor, some.matmul(w).t()).t();
            var value = keeps(w) + (DivergenceWeight * divergence.Between(Whitened(s), Whitened(t)));
            return (value.detach(), autograd.grad([value], [leaf])[0]);
        }
        var found = LimitedMemoryBfgs.Minimize(
            Value,
            eye(r, k, float64, s.device).reshape(-1),
            Tolerance,
            MaxSteps,
            nameof(TransferSubspaceLearning)
        );
        var subspace = axes.matmul(Directions(found));
        var (_, turn) = linalg.eigh(subspace.t().matmul(scatter).matmul(subspace));
        var matrix = subspace.matmul(turn.flip(1));
        matrix *= matrix.gather(0, matrix.abs().argmax(0, keepdim: true)).sign();
        return new AffineMap(matrix);
    }

    // The axes along which rows vary, by falling variance, [d, r].
    private static Tensor Spanned(Tensor scatter)
    {
        var (values, vectors) = linalg.eigh(scatter);
        var kept = values.gt(1e-10 * values.max()).nonzero().reshape(-1);
        return vectors.index_select(1, kept).flip(1);
    }

    private static ISubspaceObjective DefaultFor(LabelSpace space) =>
        space.IsClasses ? new FisherRatio() : new PrincipalVariance();

    private long Count(long spanned, long width)
    {
        var count = Components ?? Math.Min(Math.Min(10, Math.Max(1, width / 2)), spanned);
        Limit.Keep(new Limit(nameof(Components), count, spanned, "the dimensions that all rows span"));
        return count;
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Limit.Faults(new Limit(nameof(Components), Components, plan.Width, "the rows' width"));

    private void Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, 2, nameof(source), nameof(target));
        Guard.Options(this);
        var rows = source.Count + target.shape[0];
        MemoryNeed.Check(
            "Transfer subspace",
            target,
            rows,
            rows,
            4,
            "Fit it to fewer rows, the map takes the others; or use TransferComponentAnalysis with Landmarks.",
            float64
        );
    }
}
