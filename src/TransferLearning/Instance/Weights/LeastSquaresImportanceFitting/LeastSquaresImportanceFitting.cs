using TransferLearning.Data;
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
/// <para>
/// In a chain rows outside memory are read block by block: each domain once for the sums of all gammas, once for the
/// errors, target rows in a drawn order then, and the source once more for its weights. Memory: l^2 numbers a gamma, a
/// block of rows, and some n + m numbers.
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
        if (source.Rows is TensorRows && target.Rows is TensorRows)
        {
            using var ratio = Fit(source.Inputs, target.Inputs, context);
            return ratio.At(source.Inputs);
        }
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var streamed = Streamed(source.Rows, target.Rows, context);
        var ratios = BatchedPass.Over(source.Rows, new RatioAtRows(streamed), context.Cancellation);
        return ratios.squeeze(1).MoveToOuterDisposeScope();
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
        Guard.Pair(source, target, least: IsChoice ? 2 : 1);
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
        for (var i = 0; IsChoice && i < kernels.Count; i++)
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
        var (ofSource, ofTarget) = (best.Kernel.Matrix(s, centers), best.Kernel.Matrix(t, centers));
        var coefficients = Solve(KernelSums.Of(ofSource), KernelSums.Of(ofTarget, RelativeShare > 0), best.Penalty);
        return new KernelDensityRatio(best.Kernel, centers, coefficients);
    }

    private bool IsChoice => Penalties.Count > 1 || Gammas is not { Count: 1 };

    // The same ratio as of the tensors, but for rounding, in the caller's scope: sums, then errors pair by pair.
    private KernelDensityRatio Streamed(IRowSource source, IRowSource target, FitContext run)
    {
        ArgumentNullException.ThrowIfNull(Penalties);
        Guard.Options(this);
        RowShape.CheckPair(source, target, least: IsChoice ? 2 : 1);
        var kernels = RatioBasis.Kernels(Gammas, [source, target]);
        var drawn = RatioBasis.Centers(target.Count, MaxCenters, run.Key.Child(0));
        var centers = BatchedPass.Read(target, drawn).to(float64);
        var (ofSource, ofTarget) = (
            KernelSums.Of(source, kernels, centers),
            KernelSums.Of(target, kernels, centers, RelativeShare > 0)
        );
        var best = (Error: double.PositiveInfinity, Kernel: 0, Penalty: Penalties[0]);
        if (IsChoice)
        {
            List<LeaveOneOut> left =
            [
                .. ofSource.Zip(ofTarget, (s, t) => new LeaveOneOut(s, t, RelativeShare, Penalties)),
            ];
            AddPairs(left, source, target, kernels, centers, run);
            foreach (var (i, one) in left.Index())
            {
                foreach (var (error, penalty) in one.Means.Zip(Penalties))
                {
                    best = error < best.Error ? (error, i, penalty) : best;
                }
            }
        }
        var coefficients = Solve(ofSource[best.Kernel], ofTarget[best.Kernel], best.Penalty);
        return new KernelDensityRatio(kernels[best.Kernel], centers, coefficients);
    }

    // The pairs that are left out together, in the order of their source rows, of which neighbors are read.
    private static void AddPairs(
        IReadOnlyList<LeaveOneOut> left,
        IRowSource source,
        IRowSource target,
        IReadOnlyList<IKernel> kernels,
        Tensor centers,
        FitContext run
    )
    {
        var pairs = Math.Min(source.Count, target.Count);
        Tensor Drawn(IRowSource rows, int child) =>
            RatioBasis.Order(rows.Count, run.Key.Child(child)).narrow(0, 0, pairs);
        var (ofSource, order) = Drawn(source, 1).sort(0);
        var ofTarget = Drawn(target, 2).index_select(0, order);
        foreach (var (start, count) in RowBlocks.Of(pairs, (2 * centers.shape[1]) + (4 * centers.shape[0])))
        {
            run.Report((double)start / pairs);
            Canceling.Check();
            using var pass = NewDisposeScope();
            Tensor Some(IRowSource rows, Tensor numbers) =>
                BatchedPass.Read(rows, numbers.narrow(0, start, count)).to(float64);
            var (s, t) = (Some(source, ofSource), Some(target, ofTarget));
            foreach (var (one, kernel) in left.Zip(kernels))
            {
                one.Add(kernel.Matrix(s, centers), kernel.Matrix(t, centers));
            }
        }
    }

    private Tensor Solve(KernelSums source, KernelSums target, double penalty)
    {
        var h = (target.Gram * (RelativeShare / target.Count)) + (source.Gram * ((1 - RelativeShare) / source.Count));
        h.diagonal().add_(penalty);
        var pull = (target.Sum / target.Count).unsqueeze(1);
        return pull.cholesky_solve(linalg.cholesky(h)).squeeze(1).clamp_min(0);
    }

    /// <summary>The ratio passed off as a feature, to take the rows a run at a time.</summary>
    private sealed class RatioAtRows(KernelDensityRatio ratio) : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs)
        {
            using var scope = NewDisposeScope();
            return ratio.At(inputs).unsqueeze(1).MoveToOuterDisposeScope();
        }
    }
}
