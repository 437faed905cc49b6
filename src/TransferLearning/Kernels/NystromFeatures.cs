using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>
/// Features of low rank whose inner products stand for a kernel: <c>f(x) = k(x, Z) W^(-1/2)</c> for r landmark rows Z
/// and <c>W = k(Z, Z)</c>.
/// </summary>
/// <remarks>
/// <c>f(x) f(y)' = k(x, Z) W^+ k(Z, y)</c>, exact where x or y is a landmark (Williams and Seeger 2001, "Using the
/// Nyström Method to Speed Up Kernel Machines"). Landmarks are drawn evenly from all rows without repetition and kept
/// in the rows' order. Directions of W below 1e-12 of its largest eigenvalue are left out. Costs n r (d + r) for n rows
/// and r^3; memory r^2 and a block of rows.
/// </remarks>
internal sealed class NystromFeatures
{
    private const long HeuristicRows = 1000;
    private const double Floor = 1e-12;

    private NystromFeatures(IKernel kernel, Tensor landmarks, Tensor root) =>
        (Kernel, Landmarks, Root) = (kernel, landmarks, root);

    /// <summary>The kernel, with its width fixed.</summary>
    public IKernel Kernel { get; }

    /// <summary>The landmarks Z, float64 <c>[r, d]</c>.</summary>
    public Tensor Landmarks { get; }

    /// <summary>The root <c>W^(-1/2)</c>, float64 <c>[r, r]</c>.</summary>
    public Tensor Root { get; }

    /// <summary>The features for some landmarks; its tensors belong to the caller's scope.</summary>
    /// <param name="kernel">The kernel; one that reads its width off data does so off 1,000 evenly spaced rows.</param>
    /// <param name="sources">The rows to draw from.</param>
    /// <param name="landmarks">How many landmarks r; where there are fewer rows, all.</param>
    /// <param name="key">What the draw depends on.</param>
    public static NystromFeatures Of(IKernel kernel, IReadOnlyList<IRowSource> sources, int landmarks, RandomKey key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(landmarks, 1, "Landmarks");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var total = sources.Sum(rows => rows.Count);
        var fixedKernel = FixedFor(kernel, sources);
        using var generator = key.Generator();
        var drawn = randperm(total, generator: generator).narrow(0, 0, Math.Min(total, landmarks));
        var rows = Read(sources, drawn.sort(0).Values);
        var (values, vectors) = linalg.eigh(fixedKernel.Matrix(rows, rows));
        var isKept = values > values.max() * Floor;
        var powers = where(isKept, values.clamp_min(double.Epsilon).rsqrt(), zeros_like(values));
        var root = (vectors * powers).matmul(vectors.t());
        return new NystromFeatures(fixedKernel, rows.MoveToOuterDisposeScope(), root.MoveToOuterDisposeScope());
    }

    /// <summary>A kernel that reads its width off data, fixed for 1,000 evenly spaced rows of all.</summary>
    public static IKernel FixedFor(IKernel kernel, IReadOnlyList<IRowSource> sources)
    {
        using var scope = NewDisposeScope();
        var total = sources.Sum(rows => rows.Count);
        var spaced = linspace(0, total - 1, Math.Min(total, HeuristicRows), dtype: float64).round().to(int64);
        return kernel.FixedFor(Read(sources, spaced));
    }

    /// <summary>The features <c>[n, r]</c> of some rows, float64; they belong to the caller's scope.</summary>
    public Tensor Of(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return Kernel.Matrix(rows.to(float64), Landmarks).matmul(Root).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The features <c>[n, r]</c> of all rows, one domain after the other, made a block at a time; they belong to the
    /// caller's scope.
    /// </summary>
    public Tensor Of(IReadOnlyList<IRowSource> sources, FitContext context)
    {
        using var scope = NewDisposeScope();
        var all = zeros([sources.Sum(rows => rows.Count), Root.shape[1]], float64, Root.device);
        long filled = 0;
        foreach (var rows in sources)
        {
            foreach (var (start, count) in RowBlocks.Of(rows.Count, Landmarks.shape[1] + (2 * Root.shape[1])))
            {
                context.Cancellation.ThrowIfCancellationRequested();
                using var pass = NewDisposeScope();
                all.narrow(0, filled, count).copy_(Of(BatchedPass.Read(rows, start, count)));
                filled += count;
            }
        }
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>The moments of the rows' features; they belong to the caller's scope.</summary>
    public Moments Moments(IReadOnlyList<IRowSource> sources, FitContext context, bool isDiagonal = false) =>
        Data.Moments.Of(sources, Of, Root.shape[1], isDiagonal, context);

    // Rows by their number in the domains laid one after the other; numbers ascend.
    private static Tensor Read(IReadOnlyList<IRowSource> sources, Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        long before = 0;
        foreach (var rows in sources)
        {
            var (low, after) = (before, before + rows.Count);
            var mine = numbers.masked_select(numbers.ge(low).logical_and(numbers.lt(after))) - low;
            if (mine.numel() > 0)
            {
                parts.Add(BatchedPass.Read(rows, mine).to(float64));
            }
            before = after;
        }
        return cat([.. parts]).MoveToOuterDisposeScope();
    }
}
