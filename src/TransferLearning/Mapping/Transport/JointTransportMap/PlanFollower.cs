using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Penalized least squares from fixed rows to goals that change: the best map for a plan. Its tensors belong to the
/// caller's scope.
/// </summary>
/// <remarks>
/// With <c>R = W^(1/2)</c>, <c>S = R K R + eta I</c> and weighted goals V the best map has
/// <c>B = S^(-1) (V - R 1 b')</c>, <c>b = V' S^(-1) R 1 / (1' R S^(-1) R 1)</c>, residuals <c>eta B</c> and the least
/// objective <c>eta tr(V' B)</c>. It is <c>k(x, X) R B + b</c>; the linear one, of K = X X', is <c>x (X' R B)</c>.
/// </remarks>
internal sealed class PlanFollower
{
    private readonly double penalty;
    private readonly Tensor roots;
    private readonly Tensor factor;
    private readonly Tensor? toward; // S^(-1) R 1, scaled so that its product with goals is the offset

    /// <summary>Prepares the fit.</summary>
    /// <param name="rows">The rows <c>[n, d]</c>, float64.</param>
    /// <param name="kernel">A fixed kernel.</param>
    /// <param name="weights">Weights <c>[n]</c> of the rows, not negative.</param>
    /// <param name="penalty">The factor eta of the penalty, positive.</param>
    /// <param name="hasOffset">Whether there is an offset.</param>
    public PlanFollower(Tensor rows, IKernel kernel, Tensor weights, double penalty, bool hasOffset)
    {
        this.penalty = penalty;
        roots = weights.sqrt().unsqueeze(1);
        var system = kernel.Matrix(rows, rows).mul_(roots).mul_(roots.t());
        system.diagonal().add_(penalty);
        factor = linalg.cholesky(system);
        if (hasOffset)
        {
            var solved = roots.cholesky_solve(factor);
            toward = solved / (solved * roots).sum();
        }
    }

    /// <summary>The best map's errors <c>[n, d]</c>, goals less images, and the least objective.</summary>
    public (Tensor Errors, double Value) Errors(Tensor goals)
    {
        using var scope = NewDisposeScope();
        var v = goals * roots;
        var (weights, _) = Solve(v);
        var value = (v * weights).sum().item<double>() * penalty;
        return ((weights * penalty / roots.clamp_min(1e-150)).MoveToOuterDisposeScope(), value);
    }

    /// <summary>The best map: A = R B <c>[n, d]</c>, and the offset <c>[d]</c> where there is one.</summary>
    public (Tensor Weights, Tensor? Offset) Map(Tensor goals)
    {
        var (weights, offset) = Solve(goals * roots);
        return (weights * roots, offset);
    }

    private (Tensor Weights, Tensor? Offset) Solve(Tensor v)
    {
        var offset = toward is null ? null : (toward * v).sum(dim: 0);
        return ((offset is null ? v : v - (roots * offset)).cholesky_solve(factor), offset);
    }
}
