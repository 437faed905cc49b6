using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>The polynomial kernel <c>k(x, y) = (gamma x y + constant)^degree</c>.</summary>
[SavedPart("polynomial-kernel")]
public sealed class PolynomialKernel : IKernel
{
    private double gamma = 1;
    private double constant;
    private long degree = 2;

    private PolynomialKernel() { }

    /// <summary>A kernel with its three numbers.</summary>
    /// <param name="degree">The power, at least 1.</param>
    /// <param name="gamma">The factor of the inner product, positive.</param>
    /// <param name="constant">What is added to it, not negative: else the kernel is not positive-definite.</param>
    public PolynomialKernel(int degree, double gamma = 1, double constant = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degree, 1);
        Guard.Positive(gamma);
        Guard.NotNegative(constant);
        (this.degree, this.gamma, this.constant) = (degree, gamma, constant);
    }

    /// <inheritdoc />
    public Tensor Matrix(Tensor left, Tensor right)
    {
        Guard.Pair(left, right, 0);
        using var scope = NewDisposeScope();
        return (left.matmul(right.t()).mul_(gamma) + constant).pow(degree).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Pairwise(Tensor left, Tensor right)
    {
        Guard.Matching(left, right);
        using var scope = NewDisposeScope();
        return (((left * right).sum(1) * gamma) + constant).pow(degree).MoveToOuterDisposeScope();
    }

    GraphValue IKernel.Write(IGraphWriter graph, GraphValue left, Tensor right)
    {
        var product = graph.Multiply(graph.Product(left, right.t()), graph.Number(gamma));
        return graph.Operator("Pow", [graph.Add(product, graph.Number(constant)), graph.Number(degree)]);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("gamma", ref gamma);
        state.Number("constant", ref constant);
        state.Number("degree", ref degree);
    }
}
