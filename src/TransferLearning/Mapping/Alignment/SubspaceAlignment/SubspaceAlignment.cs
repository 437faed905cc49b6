using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Subspace alignment: the source's principal axes are turned onto the target's.</summary>
/// <remarks>
/// With the leading k principal axes <c>P_s</c>, <c>P_t</c> <c>[d, k]</c> of each domain, source rows become
/// <c>(x - mean_s) P_s P_s' P_t</c> and target rows <c>(x - mean_t) P_t</c> (Fernando, Habrard, Sebban and Tuytelaars
/// 2013, "Unsupervised Visual Domain Adaptation Using Subspace Alignment"). Costs one pass over the rows, which are
/// read block by block from wherever they lie: n d^2 + d^3 operations and d^2 memory; where rows are fewer than
/// features, n^2 d + n^3 and n d. Several sources are pooled.
/// </remarks>
public sealed record SubspaceAlignment : IFeatureMapping
{
    /// <summary>
    /// How many axes k, at most the width d and below each domain's rows; null takes half of d, at most 80. Default
    /// null.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) =>
        plan.Width is { } d && Components is null
            ? Subspaces.Usual(plan.SourceRows(), plan.Domains.Target.Count, d, d)
            : Components;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var rows = domains.Sources.Select(source => source.Rows);
        var (source, target) = Fit([.. rows], domains.Target.Rows, context);
        return new PerDomainExtractor(source, target);
    }

    /// <summary>Fits the two maps.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The maps of source and of target rows to <c>[., k]</c>; the caller disposes them.</returns>
    public (AffineMap Source, AffineMap Target) Fit(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        return Fit([new TensorRows(source)], new TensorRows(target), null);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Limit.Faults(Subspaces.Most(Components, plan.SourceRows(), plan.Domains.Target.Count, plan.Width));

    private (AffineMap Source, AffineMap Target) Fit(
        IReadOnlyList<IRowSource> sources,
        IRowSource target,
        FitContext? context
    )
    {
        Guard.Options(this);
        var (width, _) = RowShape.Of(target);
        var count = Subspaces.Count(Components, sources.Sum(rows => rows.Count), target.Count, width, width);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (sourceMean, sourceAxes) = PrincipalAxes.Of(sources, count, context);
        var (targetMean, targetAxes) = PrincipalAxes.Of([target], count, context);
        var aligned = sourceAxes.matmul(sourceAxes.t().matmul(targetAxes));
        AffineMap Centered(Tensor mean, Tensor axes) => new(axes, mean.unsqueeze(0).matmul(axes).squeeze(0).neg());
        return (Centered(sourceMean, aligned), Centered(targetMean, targetAxes));
    }
}
