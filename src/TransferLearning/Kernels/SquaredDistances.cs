using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>Squared Euclidean distances of all pairs of rows.</summary>
public static class SquaredDistances
{
    /// <summary><c>D_ij = ||x_i - y_j||^2 = ||x_i||^2 + ||y_j||^2 - 2 x_i y_j</c>, not below 0.</summary>
    /// <remarks>
    /// One matrix product, in float64 whatever the rows' dtype: of the squares' difference float32 would leave nothing
    /// where rows lie far from each other. Rows are moved by the mean of <paramref name="right"/> first, so that their
    /// common distance from 0 costs no digits.
    /// </remarks>
    /// <param name="left">Rows <c>[n, d]</c>.</param>
    /// <param name="right">Rows <c>[m, d]</c>.</param>
    /// <returns>The distances <c>[n, m]</c> in the rows' dtype, differentiable; the caller disposes them.</returns>
    public static Tensor Between(Tensor left, Tensor right)
    {
        Guard.Alive(left);
        Guard.Alive(right);
        if (left.dim() != 2 || right.dim() != 2 || left.shape[1] != right.shape[1])
        {
            throw new ArgumentException(
                $"left and right must be rows [n, d] and [m, d] of one width; got {Shape.Of(left)} and "
                    + $"{Shape.Of(right)}.",
                nameof(right)
            );
        }
        using var scope = NewDisposeScope();
        var (center, wide) = Prepared(right.to(float64));
        return Widened(left, center).matmul(wide.t()).clamp_min_(0).to(left.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The distances to kept rows as operators, <c>[n, m]</c>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="left">Rows <c>[n, d]</c>, float64.</param>
    /// <param name="right">The kept rows <c>[m, d]</c>, float64.</param>
    internal static GraphValue Write(IGraphWriter graph, GraphValue left, Tensor right)
    {
        var center = right.mean([0L]);
        var y = right - center;
        var x = graph.Subtract(left, graph.Constant(center));
        var norms = graph.Operator("ReduceSumSquare", [x], ("axes", new[] { 1L }), ("keepdims", 1L));
        var sums = graph.Add(norms, graph.Constant(y.square().sum(1)));
        return graph.AtLeast(graph.Add(sums, graph.Product(x, y.t() * -2)), 0);
    }

    /// <summary>The blocks of rows whose distances to others are made at a time.</summary>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="right">The others <c>[m, d]</c>.</param>
    internal static IEnumerable<(long Start, long Count)> Blocks(long rows, Tensor right) =>
        RowBlocks.Of(rows, WidthOfBlock(right));

    /// <summary>
    /// What gives the distances of the blocks of <see cref="Blocks"/> to the same others, one block after the other,
    /// float64 and without gradients. All stand in one place, which lives as long as the caller's scope: each call
    /// overwrites the result of the one before.
    /// </summary>
    /// <param name="right">The others <c>[m, d]</c>.</param>
    /// <param name="rows">How many rows there are in all blocks.</param>
    internal static Func<Tensor, Tensor> OfBlocks(Tensor right, long rows)
    {
        var (center, wide) = Prepared(right.to(float64));
        var others = wide.t();
        var length = Math.Min(rows, RowBlocks.Length(WidthOfBlock(right)));
        var place = empty([length, right.shape[0]], float64, right.device);
        return left =>
        {
            using var scope = NewDisposeScope();
            return place
                .narrow(0, 0, left.shape[0])
                .addmm_(Widened(left.detach(), center), others, beta: 0, alpha: 1)
                .clamp_min_(0)
                .MoveToOuterDisposeScope();
        };
    }

    // A quarter of what other work takes at a time: distances are read once, and a megabyte of them stays in the
    // nearest cache.
    private static long WidthOfBlock(Tensor right) => 4 * right.shape[0];

    private static Tensor Widened(Tensor left, Tensor center)
    {
        using var scope = NewDisposeScope();
        var x = left.to(float64) - center;
        var norms = x.square().sum(1, keepdim: true);
        return cat([x * -2, norms, ones_like(norms)], 1).MoveToOuterDisposeScope();
    }

    // Norms as two further features: one product makes the distances, and nothing else of their size is held.
    private static (Tensor Center, Tensor Wide) Prepared(Tensor right)
    {
        using var scope = NewDisposeScope();
        var center = right.detach().mean([0L]);
        var y = right - center;
        var norms = y.square().sum(1, keepdim: true);
        return (center.MoveToOuterDisposeScope(), cat([y, ones_like(norms), norms], 1).MoveToOuterDisposeScope());
    }
}
