using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>A fitted kernel predictor <c>f(x) = sum_i k(x, x_i) beta_i</c>: it keeps the rows.</summary>
[SavedPart("kernel-predictor")]
public sealed class KernelPredictor : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    private KernelMap? map;

    private KernelPredictor() { }

    internal KernelPredictor(IKernel kernel, Tensor rows, Tensor coefficients)
    {
        using var scope = NewDisposeScope();
        map = new KernelMap(kernel, rows, coefficients, zeros(0, dtype: float64));
    }

    /// <summary>The coefficients beta <c>[rows, outputs]</c>; they belong to the predictor.</summary>
    public Tensor Coefficients => map!.Weights;

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <inheritdoc />
    public Tensor Predict(Tensor features) => map!.Extract(features);

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => graph.Part(map!, inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("map", ref map);
    }

    /// <summary>Disposes the kept rows and the coefficients.</summary>
    public void Dispose() => map?.Dispose();
}
