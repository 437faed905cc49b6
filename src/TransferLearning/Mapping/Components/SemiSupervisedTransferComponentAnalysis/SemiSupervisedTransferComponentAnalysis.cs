using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>SSTCA: transfer components that depend on the source's labels and keep neighbors together.</summary>
/// <remarks>
/// <para>
/// The leading eigenvectors W of <c>(K (e e' + locality/n^2 L) K + mu I)^(-1) K H K_y H K</c> (Pan, Tsang, Kwok and
/// Yang 2011, "Domain Adaptation via Transfer Component Analysis", section IV), scaled to
/// <c>W' K H K_y H K W = n I</c>; K, e, H and mu as in <see cref="TransferComponentAnalysis"/>.
/// <c>K_y = gamma K_l + (1 - gamma) I</c> holds in <c>K_l</c> the similarities of the source's labels: 1 for rows of
/// one class, 0 else; for values the Gaussian kernel with the median heuristic; 0 wherever a target row is concerned.
/// The components' dependence on it is measured by the Hilbert-Schmidt criterion; gamma 0 and locality 0 are
/// <see cref="TransferComponentAnalysis"/>.
/// </para>
/// <para>
/// L is the Laplacian <c>D - S</c> of each row's nearest neighbors, joined with <c>exp(-||x - y||^2 / median)</c>.
/// Costs n^2 memory and some n^3 operations for the locality, beside a <see cref="TransferComponentAnalysis"/> fit.
/// </para>
/// </remarks>
public sealed record SemiSupervisedTransferComponentAnalysis : IFeatureMapping
{
    /// <summary>
    /// The kernel; null for the primal form, in which the rows take K's place. Default Gaussian with the median
    /// heuristic.
    /// </summary>
    public IKernel? Kernel { get; init; } = new GaussianKernel();

    /// <summary>
    /// How many components k: below n with a kernel, at most d without; null takes 30 or the most possible. Default
    /// null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>The ridge mu, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the ridge means the same in any unit. Under a Gaussian kernel, whose values have no unit,
    /// nothing is divided.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>The share gamma of the labels in <c>K_y</c>, in [0, 1]. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Dependence { get; init; } = 0.5;

    /// <summary>The weight of neighbors' differences, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Locality { get; init; } = 1;

    /// <summary>
    /// How many neighbors a row is joined with, at least 1. Default 10, fewer where there are fewer rows.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 10;

    /// <summary>
    /// How components are scaled. Default the paper's constraint; columns of unit length suit a nearest neighbor
    /// better.
    /// </summary>
    public ComponentScale Scale { get; init; } = ComponentScale.UnitVariance;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Components ?? UsualCount(plan.Rows(), plan.Width);

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources(), domains.Target.Inputs, context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes or values.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public KernelMap Fit(LabeledDomain source, Tensor target, FitContext? context = null)
    {
        var cancellation = context?.Cancellation ?? default;
        cancellation.ThrowIfCancellationRequested();
        var count = Check(source, target);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var n = source.Count + target.shape[0];
        var rows = cat([source.Inputs, target]);
        var unit = RowUnit.Of(PenaltyScale, Kernel, source.Inputs, target);
        var exact = rows.to(float64) / unit;
        var kernel = Kernel?.FixedFor(exact);
        var design = kernel is null ? exact : kernel.Matrix(exact, exact);
        var penalty = eye(design.shape[1], dtype: float64, device: rows.device) * Ridge;
        if (Locality > 0)
        {
            var closeness = new GaussianKernel().FixedFor(exact).Matrix(exact, exact);
            var edges = NeighborGraph.Weights(closeness, (int)Math.Min(Neighbors, n - 1));
            var laplacian = NeighborGraph.Laplacian(edges) * (Locality / ((double)n * n));
            cancellation.ThrowIfCancellationRequested();
            penalty += design.t().matmul(laplacian.matmul(design));
        }
        cancellation.ThrowIfCancellationRequested();
        // In the coordinates of the penalty's Cholesky factor it is the identity, and the problem the plain components'
        // with ridge 1.
        var factor = linalg.cholesky((penalty + penalty.t()) / 2);
        Tensor Turned(Tensor block) => linalg.solve_triangular(factor, block, upper: false);
        cancellation.ThrowIfCancellationRequested();
        var half = Turned(DependenceRoot(source, design));
        var gap = Turned(design.t().matmul(AlignedComponents.MeanGap(source.Count, target.shape[0], rows.device)));
        var components = AlignedComponents.OfScatter(half.matmul(half.t()));
        var (turned, values) = components.Solve(gap, 1, count, ComponentScale.UnitVariance, cancellation: cancellation);
        var weights = linalg.solve_triangular(factor.t(), turned, upper: true);
        weights *= weights.gather(0, weights.abs().argmax(0, keepdim: true)).sign();
        if (Scale == ComponentScale.UnitWeights)
        {
            weights /= weights.norm(0, keepdim: true);
        }
        else
        {
            weights *= Math.Sqrt(n);
        }
        return new KernelMap(kernel, rows, weights, values, unit);
    }

    // Columns R with R R' = F' H K_y H F.
    private Tensor DependenceRoot(LabeledDomain source, Tensor design)
    {
        var centered = design - design.mean([0L], keepdim: true);
        var ofSource = centered.narrow(0, 0, source.Count).t();
        var labels = source.Space.IsClasses
            ? nn.functional.one_hot(source.Labels, source.Space.Width).to(float64)
            : Root(source.Labels.reshape(source.Count, -1).to(float64));
        return cat([ofSource.matmul(labels) * Math.Sqrt(Dependence), centered.t() * Math.Sqrt(1 - Dependence)], 1);
    }

    private static Tensor Root(Tensor values) =>
        Statistics.Power(new GaussianKernel().FixedFor(values).Matrix(values, values), 0.5);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => AlignedComponents.Faults(plan, Components, Kernel);

    private long? UsualCount(long rows, long? width) =>
        Kernel is not null ? Math.Min(30, rows - 1)
        : width is { } d ? Math.Min(30, d)
        : null;

    private int Check(LabeledDomain source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        Guard.Pair(source.Inputs, target, sourceName: nameof(source), targetName: nameof(target));
        Guard.Options(this);
        var rows = source.Count + target.shape[0];
        var count = Components ?? (int)UsualCount(rows, target.shape[1])!.Value;
        AlignedComponents.CheckCount(count, Kernel, null, rows, target.shape[1]);
        if (Kernel is not null || Locality > 0)
        {
            MemoryNeed.Check(
                "Semi-supervised transfer component analysis",
                target,
                rows,
                rows,
                6,
                "Set Kernel to null and Locality to 0, or fit it to fewer rows: the map takes the others.",
                float64
            );
        }
        return count;
    }
}
