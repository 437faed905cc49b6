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
/// paper's constraint, so that the components have one variance each.
/// </para>
/// <para>
/// New rows x map to <c>k(x, rows) W</c>. Costs n^3 and n^2 memory: the inverse is rank one away from the identity, so a single
/// symmetric eigenproblem remains. The sign of a component is arbitrary; here its largest entry in W is positive.
/// </para>
/// </remarks>
public sealed record TransferComponents : IFeatureMapping
{
    /// <summary>The kernel. Default Gaussian with the median heuristic.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>How many components k, below n. Default 30.</summary>
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
        if (Components < 1 || Components >= ns + nt)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Components),
                Components,
                $"Components must lie in 1 ... {ns + nt - 1}, below the number of rows; got {Components}."
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = cat([source, target]);
        var kernel = Kernel.FixedFor(rows.to(float64));
        var k = kernel.Matrix(rows.to(float64), rows.to(float64));
        var weights = Solve(k, ns, nt);
        return new KernelMap(kernel, rows, weights.to(rows.dtype));
    }

    // With v = K e and B = v v' + mu I, the inverse root of B is (I - c v v') / sqrt(mu): W = B^(-1/2) Y for the leading
    // eigenvectors Y of the symmetric B^(-1/2) K H K B^(-1/2).
    private Tensor Solve(Tensor k, long ns, long nt)
    {
        var v = (k.narrow(1, 0, ns).sum(1) / ns) - (k.narrow(1, ns, nt).sum(1) / nt);
        var norm = v.square().sum();
        var shrink = where(
            norm > 0,
            (1 - (1 + (norm / Ridge)).rsqrt()) / norm.clamp_min(double.Epsilon),
            zeros_like(norm)
        );
        Tensor InverseRoot(Tensor rows) =>
            (rows - (rows.matmul(v).unsqueeze(1) * (v * shrink).unsqueeze(0))) / Math.Sqrt(Ridge);
        var spread = InverseRoot(k - k.mean([0L], keepdim: true)); // H K B^(-1/2): its squared singular values are wanted
        var (values, vectors) = linalg.eigh(spread.t().matmul(spread));
        var n = ns + nt;
        var leading = vectors.narrow(1, n - Components, Components).flip(1);
        var scales = values
            .narrow(0, n - Components, Components)
            .flip(0)
            .clamp_min(1e-12 * values.abs().max().item<double>())
            .sqrt();
        var w = InverseRoot(leading.t()).t() / scales;
        return w * w.gather(0, w.abs().argmax(0, keepdim: true)).sign();
    }
}
