using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The graph that joins rows with their nearest neighbors.</summary>
internal static class NeighborGraph
{
    /// <summary>
    /// Edge weights <c>[n, n]</c>: the closeness of i and j where one of the two is among the other's k closest, else
    /// 0; the diagonal is 0.
    /// </summary>
    /// <param name="closeness">
    /// A symmetric matrix <c>[n, n]</c>, larger for closer rows; negative closeness counts as 0.
    /// </param>
    /// <param name="neighbors">k, below n.</param>
    public static Tensor Weights(Tensor closeness, int neighbors)
    {
        using var scope = NewDisposeScope();
        var others = closeness.clone();
        others.diagonal().fill_(double.NegativeInfinity);
        var (values, indexes) = others.topk(neighbors, 1);
        var weights = zeros_like(closeness);
        weights.scatter_(1, indexes, values.clamp_min(0));
        var turned = weights.t();
        return where(weights > turned, weights, turned).MoveToOuterDisposeScope();
    }

    /// <summary>The Laplacian <c>D - W</c> with the weights' row sums D.</summary>
    public static Tensor Laplacian(Tensor weights)
    {
        using var scope = NewDisposeScope();
        var laplacian = -weights;
        laplacian.diagonal().add_(weights.sum(1));
        return laplacian.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The normalized Laplacian <c>I - D^(-1/2) W D^(-1/2)</c>; a row without neighbors has 1 on its diagonal.
    /// </summary>
    public static Tensor NormalizedLaplacian(Tensor weights)
    {
        using var scope = NewDisposeScope();
        var root = weights.sum(1).clamp_min(1e-300).rsqrt();
        var laplacian = -(weights * root * root.unsqueeze(1));
        laplacian.diagonal().add_(1);
        return laplacian.MoveToOuterDisposeScope();
    }
}
