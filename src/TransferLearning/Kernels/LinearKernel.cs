using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>The linear kernel <c>k(x, y) = x y</c>.</summary>
[SavedPart("linear-kernel")]
public sealed class LinearKernel : IKernel
{
    /// <inheritdoc />
    public Tensor Matrix(Tensor left, Tensor right)
    {
        Guard.Pair(left, right, 0);
        using var scope = NewDisposeScope();
        return left.matmul(right.t()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Pairwise(Tensor left, Tensor right)
    {
        Guard.Matching(left, right);
        using var scope = NewDisposeScope();
        return (left * right).sum(1).MoveToOuterDisposeScope();
    }

    GraphValue IKernel.Write(IGraphWriter graph, GraphValue left, Tensor right) => graph.Product(left, right.t());

    /// <inheritdoc />
    public void Exchange(StateBag state) { }
}
