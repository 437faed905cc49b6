using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// TCA: components of a kernel's feature space in which the domains' means agree and the variance is kept.
/// </summary>
/// <remarks>
/// <para>
/// For the kernel matrix K of all <c>n = n_s + n_t</c> rows, <c>e</c> with entries <c>1/n_s</c> and <c>-1/n_t</c>, and
/// the centering matrix <c>H = I - 11'/n</c>: the leading eigenvectors W of <c>(K e e' K + mu I)^(-1) K H K</c>, and
/// the components <c>K W</c> (Pan, Tsang, Kwok and Yang 2011, "Domain Adaptation via Transfer Component Analysis",
/// section III). Columns of W are scaled to <c>W'KHKW = n I</c>, the paper's constraint but for the factor n, so that
/// the components have variance 1 each. Without a kernel the rows X take K's place (the primal form): the problem is
/// <c>d x d</c> and the map <c>x W</c>.
/// </para>
/// <para>
/// New rows x map to <c>k(x, rows) W</c>. Costs n^2 memory and, for few components, some tens of products of K with k
/// columns: n^2 k each. The sign of a component is arbitrary; here its largest entry in W is positive.
/// </para>
/// <para>
/// With r <see cref="Landmarks"/> the kernel matrix is <c>k(rows, Z) k(Z, Z)^+ k(Z, rows)</c> for r rows Z drawn by the
/// fit's key (Williams and Seeger 2001), new rows map by <c>k(x, Z)</c>, and the rows are read in one pass, block by
/// block, from wherever they lie: r^2 memory, n r (d + r) + r^3 operations. With as many landmarks as rows it is the
/// exact method.
/// </para>
/// </remarks>
public sealed record TransferComponentAnalysis : IFeatureMapping
{
    /// <summary>The kernel; null for the primal form. Default Gaussian with the median heuristic.</summary>
    public IKernel? Kernel { get; init; } = new GaussianKernel();

    /// <summary>How many rows stand for all in the kernel matrix, at least 2; null, the default, takes all.</summary>
    [OptionRange(AtLeast = 2)]
    public int? Landmarks { get; init; }

    /// <summary>
    /// How many components k: below n, and below the landmarks, with a kernel, at most d without. Default 30.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Components { get; init; } = 30;

    /// <summary>The ridge mu, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1;

    /// <summary>
    /// Whether rows are divided by their spread first, the root of their mean squared distance from their mean.
    /// Default: they are, and the ridge means the same in any unit. Under a Gaussian kernel, whose values have no unit,
    /// nothing is divided.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>
    /// How components are scaled. Default variance 1 each; columns of unit length suit a nearest neighbor better.
    /// </summary>
    public ComponentScale Scale { get; init; } = ComponentScale.UnitVariance;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => Components;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        ArgumentNullException.ThrowIfNull(context);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return Landmarks is { } landmarks
            ? OnLandmarks([.. domains.Sources.Select(source => source.Rows)], domains.Target.Rows, landmarks, context)
            : Fit(domains.PooledSources().Inputs, domains.Target.Inputs, context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness (the landmarks) and cancellation; null for seed 0.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public KernelMap Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        var (ns, nt) = (source.shape[0], target.shape[0]);
        AlignedComponents.CheckCount(Components, Kernel, Landmarks, ns + nt, source.shape[1]);
        if (Landmarks is { } landmarks)
        {
            return OnLandmarks([new TensorRows(source)], new TensorRows(target), landmarks, context ?? new());
        }
        AlignedComponents.CheckMemory(nameof(TransferComponentAnalysis), Kernel, source, ns + nt);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = cat([source, target]);
        var unit = RowUnit.Of(PenaltyScale, Kernel, source, target);
        var exact = rows.to(float64) / unit;
        var kernel = Kernel?.FixedFor(exact);
        var cancellation = context?.Cancellation ?? default;
        cancellation.ThrowIfCancellationRequested();
        var design = kernel is null ? exact : kernel.Matrix(exact, exact);
        cancellation.ThrowIfCancellationRequested();
        var gap = AlignedComponents.MeanGap(ns, nt, rows.device);
        var components = AlignedComponents.OfRows(design);
        var (weights, values) = components.Solve(
            design.t().matmul(gap),
            Ridge,
            Components,
            Scale,
            ns + nt,
            cancellation
        );
        return new KernelMap(kernel, rows, weights, values, unit);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        AlignedComponents.Faults(plan, Components, Kernel, Landmarks);

    private KernelMap OnLandmarks(
        IReadOnlyList<IRowSource> sources,
        IRowSource target,
        int landmarks,
        FitContext context
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Guard.Options(this);
        var count = sources.Sum(rows => rows.Count) + target.Count;
        AlignedComponents.CheckCount(Components, Kernel, landmarks, count, 0);
        var unit = RowUnit.Of(PenaltyScale, Kernel, sources.Append(target), context);
        IReadOnlyList<IRowSource> scaled = [.. sources.Append(target).Select(rows => ScaledRows.Of(rows, unit))];
        var features = NystromFeatures.Of(Kernel!, scaled, landmarks, context.Key);
        var ofSource = features.Moments([.. scaled.SkipLast(1)], context);
        var ofTarget = features.Moments([scaled[^1]], context);
        var all = ofSource.With(ofTarget);
        var stretch = LandmarkComponents.Stretch(all.Gram);
        var gap = stretch.mv(ofSource.Mean - ofTarget.Mean).unsqueeze(1);
        var scatter = stretch.matmul(all.Scatter).matmul(stretch);
        var (directions, values) = AlignedComponents
            .OfScatter(scatter)
            .Solve(gap, Ridge, Components, Scale, count, context.Cancellation);
        return LandmarkComponents.Map(features, stretch, directions, values, all.Type, unit);
    }
}
