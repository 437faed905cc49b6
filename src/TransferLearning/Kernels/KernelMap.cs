using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>
/// A fitted map <c>x -> k(x / s, rows / s) W</c>, or <c>x -> (x / s) W</c> without a kernel: for training rows and for
/// new ones. s is the spread of the training rows where the method divides by it, else 1. It computes in float64 and
/// answers in the rows' dtype.
/// </summary>
[SavedPart("kernel-map")]
public sealed class KernelMap : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private IKernel? kernel;
    private Tensor? rows;
    private Tensor? weights;
    private Tensor? eigenvalues;
    private double unit = 1;

    private KernelMap() { }

    internal KernelMap(IKernel? kernel, Tensor rows, Tensor weights, Tensor eigenvalues, double unit = 1) =>
        (this.unit, this.kernel, this.rows, this.weights, this.eigenvalues) = (
            unit,
            kernel,
            kernel is null ? null : rows.detach().clone().DetachFromDisposeScope(),
            weights.contiguous().clone().DetachFromDisposeScope(),
            eigenvalues.clone().DetachFromDisposeScope()
        );

    /// <summary>
    /// The weights W, float64, <c>[n, k]</c> with a kernel of n kept rows, <c>[d, k]</c> without; they belong to the
    /// map.
    /// </summary>
    public Tensor Weights => weights!;

    /// <summary>
    /// The eigenvalues of the fitted problem, float64 <c>[k]</c>, largest first; none where it was another problem.
    /// They belong to the map.
    /// </summary>
    public Tensor Eigenvalues => eigenvalues!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs) => Extract(inputs, null);

    /// <summary>The map with a kernel, and an offset before it is rounded to the rows' dtype.</summary>
    internal Tensor Extract(Tensor inputs, Tensor? offset)
    {
        Guard.Alive(this, weights);
        Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        if (rows is null)
        {
            Guard.Fitted(inputs, weights!.shape[0]);
            return (inputs.to(float64) * (1 / unit)).matmul(weights).to(inputs.dtype).MoveToOuterDisposeScope();
        }
        Guard.Pair(inputs, rows, 0);
        var known = rows.to(float64) * (1 / unit);
        var parts = RowBlocks
            .Of(inputs.shape[0], rows.shape[0])
            .Select(run => Some(inputs.narrow(0, run.Start, run.Count), known, offset))
            .ToList();
        return (parts.Count == 1 ? parts[0] : cat([.. parts])).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var scaled = graph.Multiply(graph.Wide(inputs), graph.Number(1 / unit));
        if (rows is null)
        {
            return graph.Like(graph.Product(scaled, weights!), inputs);
        }
        var similarities = kernel!.Write(graph, scaled, rows.to(float64) * (1 / unit));
        return graph.Like(graph.Product(similarities, weights!), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long hasKernel = kernel is null ? 0 : 1;
        state.Number("has kernel", ref hasKernel);
        if (hasKernel == 1)
        {
            state.Part("kernel", ref kernel);
        }
        state.Number("unit", ref unit);
        state.Slot("rows", ref rows);
        state.Slot("weights", ref weights);
        state.Slot("eigenvalues", ref eigenvalues);
    }

    /// <summary>Disposes the kept tensors.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        weights?.Dispose();
        eigenvalues?.Dispose();
    }

    private Tensor Some(Tensor inputs, Tensor known, Tensor? offset)
    {
        using var scope = NewDisposeScope();
        var images = kernel!.Matrix(inputs.to(float64) * (1 / unit), known).matmul(weights!);
        return (offset is null ? images : images + offset).to(inputs.dtype).MoveToOuterDisposeScope();
    }
}
