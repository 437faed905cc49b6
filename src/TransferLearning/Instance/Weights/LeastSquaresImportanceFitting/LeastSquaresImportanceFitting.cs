using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>uLSIF and RuLSIF: a density ratio by penalized least squares, in closed form.</summary>
/// <remarks>
/// <para>
/// For <c>w(x) = sum_l theta_l exp(-gamma ||x - c_l||^2)</c> with target rows as centers:
/// <c>theta = max(0, (H + lambda I)^(-1) h)</c>, <c>H = a mean_j phi(t_j) phi(t_j)' + (1 - a) mean_i phi(s_i)
/// phi(s_i)'</c>, <c>h = mean_j phi(t_j)</c>. With a = 0 it estimates <c>p_t / p_s</c> (Kanamori, Hido and Sugiyama
/// 2009, "A Least-Squares Approach to Direct Importance Estimation"); with a &gt; 0 the relative ratio
/// <c>p_t / (a p_t + (1 - a) p_s)</c>, which never exceeds 1/a (Yamada, Suzuki, Kanamori, Hachiya and Sugiyama 2011).
/// </para>
/// <para>
/// Of several gammas and penalties those are taken with the least leave-one-out error
/// <c>a/2 w(t_i)^2 + (1 - a)/2 w(s_i)^2 - w(t_i)</c>, averaged over min(n, m) pairs of rows left out together; in
/// closed form. Costs (n + m) l^2 and one eigendecomposition of <c>l x l</c> a gamma, min(n, m) l^2 a candidate.
/// </para>
/// </remarks>
public sealed record LeastSquaresImportanceFitting : IInstanceWeighting
{
    /// <summary>
    /// The share a of the target in the denominator, from 0 (uLSIF, the default) to below 1 (RuLSIF; 0.1 is usual).
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double RelativeShare { get; init; }

    /// <summary>
    /// The factors gamma of the squared distance to choose from. Null, the default: 1/16 to 16 times the median
    /// heuristic's, by twos.
    /// </summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double>? Gammas { get; init; }

    /// <summary>The penalties lambda to choose from. Default 0.001 to 10 by tens.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> Penalties { get; init; } = [0.001, 0.01, 0.1, 1, 10];

    /// <summary>The most centers; of more target rows so many are drawn. Default 100, the paper's.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxCenters { get; init; } = 100;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        using var ratio = Fit(source.Inputs, target.Inputs, context);
        return ratio.At(source.Inputs);
    }

    /// <summary>Fits the ratio.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>, at least 2 where there is something to choose.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Randomness (centers and pairs), cancellation and progress; null for seed 0.</param>
    /// <returns>The ratio; the caller disposes it.</returns>
    public KernelDensityRatio Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(Penalties);
        Guard.Options(this);
        var isChoice = Penalties.Count > 1 || Gammas is not { Count: 1 };
        Guard.Pair(source, target, least: isChoice ? 2 : 1);
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        RatioBasis.CheckMemory(nameof(LeastSquaresImportanceFitting), source, target, MaxCenters);
        var (s, t) = (source.to(float64), target.to(float64));
        var kernels = RatioBasis.Kernels(Gammas, s, t);
        var centers = t.index_select(0, RatioBasis.Centers(t, MaxCenters, run.Key.Child(0)));
        // Neighboring rows may belong together; pairs to leave out are drawn.
        var (pairedSource, pairedTarget) = (
            s.index_select(0, RatioBasis.Order(s, run.Key.Child(1))),
            t.index_select(0, RatioBasis.Order(t, run.Key.Child(2)))
        );
        var best = (Error: double.PositiveInfinity, Kernel: kernels[0], Penalty: Penalties[0]);
        for (var i = 0; isChoice && i < kernels.Count; i++)
        {
            run.Report((double)i / kernels.Count);
            using var pass = NewDisposeScope();
            var (a, b) = (kernels[i].Matrix(pairedSource, centers), kernels[i].Matrix(pairedTarget, centers));
            var errors = LeaveOneOut.Errors(a, b, RelativeShare, Penalties);
            foreach (var (error, penalty) in errors.Zip(Penalties))
            {
                best = error < best.Error ? (error, kernels[i], penalty) : best;
            }
        }
        return new KernelDensityRatio(best.Kernel, centers, Solve(best.Kernel, s, t, centers, best.Penalty));
    }

    private Tensor Solve(IKernel kernel, Tensor source, Tensor target, Tensor centers, double penalty)
    {
        var (s, t) = (kernel.Matrix(source, centers), kernel.Matrix(target, centers));
        var h =
            (t.t().matmul(t) * (RelativeShare / t.shape[0])) + (s.t().matmul(s) * ((1 - RelativeShare) / s.shape[0]));
        h.diagonal().add_(penalty);
        var pull = t.mean([0L]).unsqueeze(1);
        return pull.cholesky_solve(linalg.cholesky(h)).squeeze(1).clamp_min(0);
    }
}
