using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// The thin singular value decomposition with gradients that stay finite where singular values coincide or vanish.
/// </summary>
/// <remarks>
/// <c>A = U diag(s) V'</c>. Vectors of equal singular values may turn among each other, and the quotients
/// <c>1 / (s_j^2 - s_i^2)</c> of the derivative have no bound: of pairs closer than 1e-9 of the largest square they are
/// left out, of singular values below 1e-6 of the largest (the root of it) so is what leaves their space. Everywhere
/// else it is the exact first derivative (Townsend 2016, "Differentiating the Singular Value Decomposition"); it cannot
/// be differentiated again. Opens no scope.
/// </remarks>
internal static class SingularVectors
{
    private const double Close = 1e-9;

    /// <summary>U <c>[n, k]</c>, s <c>[k]</c> and V <c>[m, k]</c>, k the smaller of n and m.</summary>
    /// <param name="matrix">A <c>[n, m]</c>, float64.</param>
    public static (Tensor U, Tensor S, Tensor V) Of(Tensor matrix)
    {
        var constant = matrix.detach();
        Tensor u,
            s,
            v,
            quotients,
            inverse;
        using (no_grad())
        {
            (u, s, var vt) = linalg.svd(constant, fullMatrices: false);
            v = vt.t();
            var squares = s.square();
            var gaps = squares.unsqueeze(0) - squares.unsqueeze(1);
            var least = squares.max() * Close;
            quotients = where(gaps.abs() > least, gaps.reciprocal(), zeros_like(gaps));
            inverse = where(squares > least * 1e-3, s.reciprocal(), zeros_like(s));
        }
        // The values, and terms of value 0 that carry the derivative.
        var move = matrix - constant;
        var (ofU, ofV) = (move.matmul(v), move.t().matmul(u));
        var turned = u.t().matmul(ofU);
        var turnU = quotients * ((turned * s) + (turned.t() * s.unsqueeze(1)));
        var turnV = quotients * ((turned * s.unsqueeze(1)) + (turned.t() * s));
        return (
            u + u.matmul(turnU) + ((ofU - u.matmul(turned)) * inverse),
            s + turned.diagonal(),
            v + v.matmul(turnV) + ((ofV - v.matmul(turned.t())) * inverse)
        );
    }
}
