using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>TCA: components of a kernel's feature space in which the domains' means agree and the variance is kept.</summary>
/// <remarks>
/// <para>
/// For the kernel matrix K of all <c>n = n_s + n_t</c> rows, <c>e</c> with entries <c>1/n_s</c> and <c>-1/n_t</c>, and the centring matrix
/// <c>H = I - 11'/n</c>: the leading eigenvectors W of <c>(K e e' K + mu I)^(-1) K H K</c>, and the components <c>K W</c> (Pan, Tsang, Kwok
/// and Yang 2011, "Domain Adaptation via Transfer Component Analysis", section III). Columns of W are scaled to <c>W'KHKW = I</c>, the
/// paper's constraint, so that the components have one variance each. Without a kernel the rows X take K's place (the primal form): the
/// problem is <c>d x d</c> and the map <c>x W</c>.
/// </para>
/// <para>
/// New rows x map to <c>k(x, rows) W</c>. Costs n^2 memory and, for few components, some tens of products of K with k columns: n^2 k each.
/// The sign of a component is arbitrary; here its largest entry in W is positive.
/// </para>
/// </remarks>
public sealed record TransferComponents : IFeatureMapping
{
    /// <summary>The kernel; null for the primal form. Default Gaussian with the median heuristic.</summary>
    public IKernel? Kernel { get; init; } = new GaussianKernel();

    /// <summary>How many components k: below n with a kernel, at most d without. Default 30.</summary>
    public int Components { get; init; } = 30;

    /// <summary>The ridge mu, positive. Default 1.</summary>
    public double Ridge { get; init; } = 1;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources().Inputs, domains.Target.Inputs);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map <c>[., d]</c> to <c>[., k]</c>; the caller disposes it.</returns>
    public KernelMap Fit(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Positive(Ridge);
        var (ns, nt) = (source.shape[0], target.shape[0]);
        AlignedComponents.CheckCount(Components, Kernel, ns + nt, source.shape[1]);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = cat([source, target]);
        var exact = rows.to(float64);
        var kernel = Kernel?.FixedFor(exact);
        var design = AlignedComponents.Design(kernel, exact);
        var gap = AlignedComponents.MeanGap(ns, nt, rows.device);
        var (weights, values) = AlignedComponents.Solve(design, gap, Ridge, Components);
        return new KernelMap(kernel, rows, weights, values);
    }
}
