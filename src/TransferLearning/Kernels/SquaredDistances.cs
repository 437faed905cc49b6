using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>Squared Euclidean distances of all pairs of rows.</summary>
public static class SquaredDistances
{
    /// <summary><c>D_ij = ||x_i - y_j||^2 = ||x_i||^2 + ||y_j||^2 - 2 x_i y_j</c>, not below 0.</summary>
    /// <remarks>One matrix product; rows are moved by the mean of <paramref name="right"/> first, which costs nothing and keeps digits.</remarks>
    /// <param name="left">Rows <c>[n, d]</c>.</param>
    /// <param name="right">Rows <c>[m, d]</c>.</param>
    /// <returns>The distances <c>[n, m]</c>, differentiable; the caller disposes them.</returns>
    public static Tensor Between(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        var centre = right.detach().mean([0L]);
        var x = left - centre;
        var y = ReferenceEquals(left, right) ? x : right - centre;
        var xNorms = x.square().sum(1, keepdim: true);
        var yNorms = ReferenceEquals(x, y) ? xNorms : y.square().sum(1, keepdim: true);
        // Norms as two further features: one product makes the distances, and nothing else of their size is held.
        var wideX = cat([x * -2, xNorms, ones_like(xNorms)], 1);
        var wideY = cat([y, ones_like(yNorms), yNorms], 1);
        return wideX.matmul(wideY.t()).clamp_min_(0).MoveToOuterDisposeScope();
    }
}
