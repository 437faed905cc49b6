using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// GFK: the kernel of all subspaces on the shortest way from the source's principal subspace to the target's.
/// </summary>
/// <remarks>
/// <c>G = integral_0^1 Phi(t) Phi(t)' dt</c> for the geodesic Phi between the spans of the leading k principal axes
/// (Gong, Shi, Sha and Grauman 2012, "Geodesic Flow Kernel for Unsupervised Domain Adaptation"), in closed form: with
/// principal angles theta, <c>P_s'P_t = U cos(theta) V'</c>, <c>A = P_s U</c> and B the directions in which
/// <c>P_t V</c> leaves A, <c>G = sum_i l1 aa' + l2 (ab' + ba') + l3 bb'</c> with
/// <c>l1 = (1 + sin 2theta / 2theta)/2</c>, <c>l2 = (1 - cos 2theta)/4theta</c>,
/// <c>l3 = (1 - sin 2theta / 2theta)/2</c>. The map is <c>x -> x G^(1/2)</c>, so that inner products of mapped rows are
/// <c>x G y</c>. Costs one pass over the rows, which are read block by block from wherever they lie: n d^2 + d^3
/// operations and d^2 memory.
/// </remarks>
public sealed record GeodesicFlowKernel : IFeatureMapping
{
    /// <summary>
    /// The subspaces' dimension k, at most half the width and below each domain's rows; null takes a quarter of d, at
    /// most 20 and no more than the rows span. Default null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var rows = domains.Sources.Select(source => source.Rows);
        return Fit([.. rows], domains.Target.Rows, context);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map by the symmetric root of G <c>[d, d]</c>; the caller disposes it.</returns>
    public AffineMap Fit(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        return Fit([new TensorRows(source)], new TensorRows(target), null);
    }

    /// <summary>
    /// The angles between the two subspaces, in radians: how far apart the domains' principal directions are.
    /// </summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>Float64 <c>[k]</c>, smallest first; the caller disposes them.</returns>
    public Tensor PrincipalAngles(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (sourceAxes, targetAxes) = Axes([new TensorRows(source)], new TensorRows(target), null);
        var (u, cosines, vt) = linalg.svd(sourceAxes.t().matmul(targetAxes), fullMatrices: false);
        var sines = (targetAxes.matmul(vt.t()) - (sourceAxes.matmul(u) * cosines)).norm(0);
        return atan2(sines, cosines).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Limit.Faults(Subspaces.Most(Components, plan.SourceRows(), plan.Domains.Target.Count, MaxOfWidth(plan.Width)));

    private AffineMap Fit(IReadOnlyList<IRowSource> sources, IRowSource target, FitContext? context)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (sourceAxes, targetAxes) = Axes(sources, target, context);
        var (u, cosines, vt) = linalg.svd(sourceAxes.t().matmul(targetAxes), fullMatrices: false);
        var start = sourceAxes.matmul(u);
        var leaving = targetAxes.matmul(vt.t()) - (start * cosines);
        var sines = leaving.norm(0);
        // Directions shared by both subspaces (angle 0) leave nothing: theirs weigh 0 below.
        var away = leaving / sines.clamp_min(1e-12);
        var angle = atan2(sines, cosines);
        var isShared = angle < 1e-7;
        var twice = where(isShared, ones_like(angle), 2 * angle);
        var ratio = where(isShared, ones_like(angle), twice.sin() / twice);
        var cross = where(isShared, zeros_like(angle), (1 - twice.cos()) / (2 * twice));
        // G is a block [l1 l2; l2 l3] of trace 1 for each pair of directions (a, b), so its root is the blocks':
        // (M + s I) / sqrt(1 + 2 s), s^2 = det M. That of G as a whole would make 1e-8 of rounding where G is 0.
        var (first, last) = ((1 + ratio) / 2, (1 - ratio) / 2);
        var determinant = ((first * last) - cross.square()).clamp_min(0).sqrt();
        var length = (1 + (2 * determinant)).sqrt();
        var mixed = (start * (cross / length)).matmul(away.t());
        var root =
            (start * ((first + determinant) / length)).matmul(start.t())
            + mixed
            + mixed.t()
            + (away * ((last + where(isShared, zeros_like(angle), determinant)) / length)).matmul(away.t());
        return new AffineMap(root);
    }

    private (Tensor Source, Tensor Target) Axes(
        IReadOnlyList<IRowSource> sources,
        IRowSource target,
        FitContext? context
    )
    {
        Guard.Options(this);
        var width = RowShape.Of(target).Width;
        var rows = sources.Sum(source => source.Count);
        var spanned = Math.Min(rows, target.Count) - 1;
        var wanted = Components ?? (int)Math.Max(1, Math.Min(Math.Min(width / 4, 20), spanned));
        var count = Subspaces.Count(wanted, rows, target.Count, width, MaxOfWidth(width)!.Value);
        return (PrincipalAxes.Of(sources, count, context).Axes, PrincipalAxes.Of([target], count, context).Axes);
    }

    /// <summary>The most axes that a width allows.</summary>
    internal static long? MaxOfWidth(long? width) => width is { } d ? Math.Max(1, d / 2) : null;
}
