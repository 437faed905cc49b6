using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// KLIEP: a density ratio that brings the weighted source nearest to the target in Kullback-Leibler divergence.
/// </summary>
/// <remarks>
/// For <c>w(x) = sum_l alpha_l exp(-gamma ||x - c_l||^2)</c> with target rows as centers: maximizes
/// <c>mean_j ln w(t_j)</c> over <c>mean_i w(s_i) = 1</c>, <c>alpha &gt;= 0</c> (Sugiyama, Suzuki, Nakajima, Kashima,
/// von Bünau and Kawanabe 2008, "Direct Importance Estimation for Covariate Shift Adaptation"). Concave. Of several
/// widths the one is taken whose ratio, fitted without a fold of target rows, makes that fold likeliest on average
/// (likelihood cross-validation, their section 2.3); centers of the fold stand back as well. Costs n l + m l kernel
/// values and memory for l centers, and m l a step.
/// </remarks>
public sealed record KullbackLeiblerImportanceEstimation : IInstanceWeighting
{
    /// <summary>
    /// The factors gamma of the squared distance to choose from; one is taken as it is. Null, the default: 1/16 to 16
    /// times the median heuristic's, by twos.
    /// </summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double>? Gammas { get; init; }

    /// <summary>The most centers; of more target rows so many are drawn. Default 100, the paper's.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxCenters { get; init; } = 100;

    /// <summary>The folds of the cross-validation, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <summary>How the optimum is climbed to. Default expectation maximization.</summary>
    public ImportanceSolver Solver { get; init; } = ImportanceSolver.ExpectationMaximization;

    /// <summary>The most steps of one climb. Default 500.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 500;

    /// <summary>The factor of the gradient of <c>mean_j ln w(t_j)</c> in the gradient methods. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double StepLength { get; init; } = 1;

    /// <summary>
    /// A climb ends where a gradient step gains no more than this, or, in the methods without a step size, where no
    /// more is left to gain. Default 1e-3.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-3;

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        using var ratio = Fit(source.Inputs, target.Inputs, context);
        return ratio.At(source.Inputs);
    }

    /// <summary>Fits the ratio.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>; at least as many as folds where a width is to be chosen.</param>
    /// <param name="context">Randomness (centers and folds), cancellation and progress; null for seed 0.</param>
    /// <returns>The ratio; the caller disposes it.</returns>
    public KernelDensityRatio Fit(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        RatioBasis.CheckMemory(nameof(KullbackLeiblerImportanceEstimation), source, target, MaxCenters);
        var (s, t) = (source.to(float64), target.to(float64));
        var kernels = RatioBasis.Kernels(Gammas, s, t);
        var numbers = RatioBasis.Centers(t, MaxCenters, run.Key.Child(0));
        var kernel = kernels.Count == 1 ? kernels[0] : Chosen(kernels, s, t, numbers, run);
        var centers = t.index_select(0, numbers);
        var (a, b) = Values(kernel, s, t, centers);
        return new KernelDensityRatio(kernel, centers, Climb(a, b, run));
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Gammas is { Count: 1 } ? [] : Limit.Faults(Most(plan.Domains.Target.Count));

    private Limit Most(long rows) =>
        new(nameof(Folds), Folds, rows, "the number of target rows (one entry in Gammas needs no folds)");

    private GaussianKernel Chosen(
        IReadOnlyList<GaussianKernel> kernels,
        Tensor source,
        Tensor target,
        Tensor numbers,
        FitContext run
    )
    {
        Limit.Keep(Most(target.shape[0]));
        var centers = target.index_select(0, numbers);
        var folds = RatioBasis.Order(target, run.Key.Child(1)).remainder(Folds);
        var scores = new double[kernels.Count];
        for (var i = 0; i < kernels.Count; i++)
        {
            run.Report((double)i / kernels.Count);
            using var pass = NewDisposeScope();
            var (a, b) = Values(kernels[i], source, target, centers);
            scores[i] = Enumerable
                .Range(0, Folds)
                .Average(fold => HeldOut(a, b, folds.eq(fold), numbers, source.shape[0], run));
        }
        return kernels[Array.IndexOf(scores, scores.Max())];
    }

    // The mean log ratio of a fold's rows under the ratio of the other rows; the fold's rows are no centers of it. On n
    // source rows of mean ratio 1 no ratio can exceed n: what exceeds it elsewhere lies outside their support and says
    // nothing for a width.
    private double HeldOut(Tensor a, Tensor b, Tensor isHeld, Tensor numbers, long n, FitContext run)
    {
        using var scope = NewDisposeScope();
        var (held, rest) = (Numbers(isHeld), Numbers(isHeld.logical_not()));
        var centers = Numbers(isHeld.index_select(0, numbers).logical_not());
        if (centers.shape[0] == 0)
        {
            return double.NegativeInfinity;
        }
        var ofCenters = a.index_select(1, centers);
        var coefficients = Climb(ofCenters.index_select(0, rest), b.index_select(0, centers), run);
        var heights = ofCenters.index_select(0, held).mv(coefficients);
        return heights.clamp(1e-200, n).log().mean().item<double>();
    }

    private static Tensor Numbers(Tensor mask) => mask.nonzero().squeeze(1);

    private Tensor Climb(Tensor a, Tensor b, FitContext run) =>
        new ImportanceAscent(MaxSteps, StepLength, Tolerance, run.Cancellation).Climb(a, b, Solver);

    private static (Tensor Target, Tensor Source) Values(IKernel kernel, Tensor source, Tensor target, Tensor centers)
    {
        var b = kernel.Matrix(centers, source).mean([1L]);
        // A center that no source row is near would take any coefficient: it can only explain target rows by leaving
        // the source's support.
        return (kernel.Matrix(target, centers), b.clamp_min(1e-100));
    }
}
