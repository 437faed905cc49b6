using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Kernel mean matching: weights that bring the source's mean in a kernel's feature space to the target's.</summary>
/// <remarks>
/// Minimises <c>1/2 b'Kb - k'b</c> over <c>0 &lt;= b_i &lt;= bound</c> and <c>|sum b - n| &lt;= n epsilon</c>, with
/// <c>K_ij = k(s_i, s_j)</c> and <c>k_i = n/m sum_j k(s_i, t_j)</c> (Huang, Smola, Gretton, Borgwardt and Schölkopf 2006,
/// "Correcting Sample Selection Bias by Unlabeled Data", equations 7 to 10). The quadratic programme is solved by an
/// interior-point method: n^2 memory, n^3/3 operations a step, some 15 steps.
/// </remarks>
public sealed record KernelMeanMatching : IInstanceWeighting
{
    /// <summary>The kernel. Default Gaussian with the median heuristic over source and target.</summary>
    public IKernel Kernel { get; init; } = new GaussianKernel();

    /// <summary>The largest weight. Default 1000, the paper's.</summary>
    public double Bound { get; init; } = 1000;

    /// <summary>How far the mean weight may lie from 1; null takes the paper's <c>(sqrt(n) - 1) / sqrt(n)</c>.</summary>
    public double? Epsilon { get; init; }

    /// <inheritdoc />
    public Tensor Weigh(LabelledDomain source, UnlabelledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        return Weigh(source.Inputs, target.Inputs, context);
    }

    /// <summary>Computes the weights of some source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>Weights <c>[n]</c> of the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Positive(Bound);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (s, t) = (source.to(float64), target.to(float64));
        double n = s.shape[0];
        var epsilon = Epsilon ?? ((Math.Sqrt(n) - 1) / Math.Sqrt(n));
        Guard.NotNegative(epsilon, nameof(Epsilon));
        if (Bound < 1 - epsilon)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Bound),
                Bound,
                $"Bound {Bound} is below the least mean weight 1 - Epsilon = {1 - epsilon}: no weights satisfy both."
            );
        }
        var kernel = Kernel.FixedFor(cat([s, t]));
        var similarity = kernel.Matrix(s, s);
        var pull = kernel.Matrix(s, t).sum(1) * (n / t.shape[0]);
        var weights = BoxQuadraticProgram.Solve(
            similarity,
            pull,
            Bound,
            n * Math.Max(0, 1 - epsilon),
            n * (1 + epsilon),
            context ?? new FitContext()
        );
        return weights.to(source.dtype).MoveToOuterDisposeScope();
    }
}
