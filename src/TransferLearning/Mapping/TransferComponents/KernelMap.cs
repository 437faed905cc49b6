using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>A fitted map <c>x -> k(x, rows) W</c>: components of a kernel's feature space, for training and for new rows.</summary>
public sealed class KernelMap : IFeatureExtractor, ISavedPart, IDisposable
{
    private IKernel? kernel;
    private Tensor? rows;
    private Tensor? weights;

    private KernelMap() { }

    internal KernelMap(IKernel kernel, Tensor rows, Tensor weights) =>
        (this.kernel, this.rows, this.weights) = (
            kernel,
            rows.detach().clone().DetachFromDisposeScope(),
            weights.contiguous().DetachFromDisposeScope()
        );

    /// <summary>The weights W <c>[n, k]</c>; they belong to the map.</summary>
    public Tensor Weights => weights!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Pair(inputs, rows!, 0);
        using var scope = NewDisposeScope();
        return kernel!.Matrix(inputs, rows!).matmul(weights!).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("kernel", ref kernel);
        state.Slot("rows", ref rows);
        state.Slot("weights", ref weights);
    }

    /// <summary>Disposes the kept rows and weights.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        weights?.Dispose();
    }
}
