using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>A positive-definite similarity of feature rows.</summary>
public interface IKernel : ISavedPart, IPlanned
{
    /// <summary>
    /// Whether values are plain numbers in whatever unit the rows are: a Gaussian's are, an inner product is a squared
    /// length. Default false.
    /// </summary>
    bool IsUnitFree => false;

    /// <summary>The similarities of all pairs.</summary>
    /// <param name="left">Rows <c>[n, d]</c>.</param>
    /// <param name="right">Rows <c>[m, d]</c>.</param>
    /// <returns>The kernel matrix <c>[n, m]</c>, differentiable in both; the caller disposes it.</returns>
    Tensor Matrix(Tensor left, Tensor right);

    /// <summary>The similarities of matching rows.</summary>
    /// <param name="left">Rows <c>[n, d]</c>.</param>
    /// <param name="right">Rows <c>[n, d]</c>.</param>
    /// <returns>The kernel values <c>[n]</c>, differentiable in both; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">They are not as many rows of one width.</exception>
    Tensor Pairwise(Tensor left, Tensor right);

    /// <summary>This kernel with everything fixed that depends on data, a bandwidth heuristic for instance.</summary>
    /// <param name="rows">The rows <c>[n, d]</c> to read it off.</param>
    IKernel FixedFor(Tensor rows) => this;

    /// <summary>
    /// The similarities to kept rows as ONNX operators, what <see cref="Matrix"/> gives. Default refuses.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="left">Rows <c>[n, d]</c>, float64.</param>
    /// <param name="right">The kept rows <c>[m, d]</c>, float64.</param>
    GraphValue Write(IGraphWriter graph, GraphValue left, Tensor right)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Refuse($"the kernel {GetType().Name} has no operators: implement IKernel.Write.");
    }
}
