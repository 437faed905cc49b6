using System.Globalization;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Kernel mean matching: weights that bring the source's mean in a kernel's feature space to the target's.
/// </summary>
/// <remarks>
/// <para>
/// Minimizes <c>1/2 b'Kb - k'b</c> over <c>0 &lt;= b_i &lt;= bound</c> and <c>|sum b - n| &lt;= n epsilon</c>, with
/// <c>K_ij = k(s_i, s_j)</c> and <c>k_i = n/m sum_j k(s_i, t_j)</c> (Huang, Smola, Gretton, Borgwardt and Schölkopf
/// 2006, "Correcting Sample Selection Bias by Unlabeled Data", equations 7 to 10). The quadratic program is solved by
/// an interior-point method: n^2 memory, n^3/3 operations a step, some 15 steps.
/// </para>
/// <para>
/// With r <see cref="Landmarks"/> every kernel value is <c>k(x, Z) k(Z, Z)^+ k(Z, y)</c> for r rows Z of both domains
/// drawn by the fit's key (Williams and Seeger 2001), the rows are read block by block from wherever they lie, and the
/// steps work on a factor of r columns: n r memory, n r^2 operations a step. With as many landmarks as rows it is the
/// exact method. Of rows in shards each process keeps its own rows of the factor, and gets the weights of all. Where
/// there are 5,000 rows and 25 times the landmarks, and nearly all weights end at a bound, the optimum is found by
/// which ones do, in steps of n r operations.
/// </para>
/// </remarks>
public sealed record KernelMeanMatching : IInstanceWeighting
{
    /// <summary>The kernel. Default Gaussian with the median heuristic over source and target.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>The largest weight. Default 1000, the paper's.</summary>
    [OptionRange(Above = 0)]
    public double Bound { get; init; } = 1000;

    /// <summary>
    /// How far the mean weight may lie from 1; null takes the paper's <c>(sqrt(n) - 1) / sqrt(n)</c>.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double? Epsilon { get; init; }

    /// <summary>How many rows stand for all in the kernel matrix, at least 1; null, the default, takes all.</summary>
    [OptionRange(AtLeast = 1)]
    public int? Landmarks { get; init; }

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        using var canceling = Canceling.By(context);
        return Landmarks is null
            ? Weigh(source.Inputs, target.Inputs, context)
            : OnLandmarks(source.Rows, target.Rows, context);
    }

    /// <summary>Computes the weights of some source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness (the landmarks), cancellation and progress; null for seed 0.</param>
    /// <returns>Weights <c>[n]</c> of the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        var run = context ?? new FitContext();
        using var canceling = Canceling.By(context);
        if (Landmarks is not null)
        {
            return OnLandmarks(new TensorRows(source), new TensorRows(target), run);
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var epsilon = CheckedEpsilon(source.shape[0]);
        MemoryNeed.Check(
            nameof(KernelMeanMatching),
            source,
            source.shape[0],
            source.shape[0],
            2,
            "Set Landmarks, to 1000 for instance, and no matrix of all rows is made.",
            float64
        );
        var (s, t) = (source.to(float64), target.to(float64));
        var kernel = Kernel.FixedFor(cat([s, t]));
        var similarity = QuadraticForm.Of(kernel.Matrix(s, s));
        var pull = KernelMeans.Of(kernel, s, t, run) * s.shape[0];
        return Solve(similarity, pull, epsilon, run).to(source.dtype).MoveToOuterDisposeScope();
    }

    private Tensor OnLandmarks(IRowSource source, IRowSource target, FitContext run)
    {
        var epsilon = CheckedEpsilon(source.Count);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var features = NystromFeatures.Of(Kernel, [source, target], Landmarks!.Value, run.Key);
        var shards = source as ShardedRows;
        var own = shards?.Own ?? source;
        var (n, r) = (own.Count, features.Root.shape[0]);
        MemoryNeed.Check(nameof(KernelMeanMatching), features.Root, n, r, 1, "Lower Landmarks.");
        var factor = shards is null ? features.Of([own], run) : shards.ByItself(() => features.Of([own], run));
        var ofTarget = features.Moments([target], run, isDiagonal: true);
        var similarity = QuadraticForm.OfFactor(factor, shards);
        var pull = similarity.FactorTimes(ofTarget.Mean) * source.Count;
        return Solve(similarity, pull, epsilon, run).to(ofTarget.Type).MoveToOuterDisposeScope();
    }

    private Tensor Solve(QuadraticForm similarity, Tensor pull, double epsilon, FitContext run)
    {
        double n = pull.shape[0];
        var (least, most) = (n * Math.Max(0, 1 - epsilon), n * (1 + epsilon));
        return ActiveSetProgram.Find(similarity, pull, Bound, least, most)
            ?? BoxQuadraticProgram.Solve(similarity, pull, Bound, least, most, run, Kernel.IsUnitFree);
    }

    private double CheckedEpsilon(double n)
    {
        Guard.Options(this);
        return Unreachable(n) is { } fault
            ? throw new ArgumentOutOfRangeException(nameof(Bound), Bound, fault)
            : EpsilonOf(n);
    }

    private double EpsilonOf(double n) => Epsilon ?? ((Math.Sqrt(n) - 1) / Math.Sqrt(n));

    private string? Unreachable(double n) =>
        Bound < 1 - EpsilonOf(n)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Bound {Bound} is below the least mean weight 1 - Epsilon = {1 - EpsilonOf(n)}: no weights satisfy "
                    + $"both."
            )
            : null;

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.WeighedRows().Select(n => Unreachable(n)).OfType<string>();
}
