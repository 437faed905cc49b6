using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A fitted kernel predictor <c>f(x) = sum_i k(x / s, x_i / s) beta_i + b</c>: it keeps the rows. s is their spread
/// where the method divides by it, else 1; some methods have no intercept b.
/// </summary>
[SavedPart("kernel-predictor")]
public sealed class KernelPredictor : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    private KernelMap? map;
    private Tensor? intercept;

    private KernelPredictor() { }

    internal KernelPredictor(
        IKernel kernel,
        Tensor rows,
        Tensor coefficients,
        Tensor? intercept = null,
        double unit = 1
    )
    {
        using var scope = NewDisposeScope();
        map = new KernelMap(kernel, rows, coefficients, zeros(0, dtype: float64), unit);
        this.intercept = intercept?.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>The coefficients beta <c>[rows, outputs]</c>; they belong to the predictor.</summary>
    public Tensor Coefficients => map!.Weights;

    /// <summary>The intercepts b, float64 <c>[outputs]</c>, or null for none; they belong to the predictor.</summary>
    public Tensor? Intercept => intercept;

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <inheritdoc />
    public Tensor Predict(Tensor features) => map!.Extract(features, intercept);

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var scores = graph.Part(map!, inputs);
        return intercept is null
            ? scores
            : graph.Like(graph.Add(graph.Wide(scores), graph.Constant(intercept)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("map", ref map);
        state.Slot("intercept", ref intercept); // files of earlier versions have none
    }

    /// <summary>Disposes the kept rows, the coefficients and the intercepts.</summary>
    public void Dispose()
    {
        map?.Dispose();
        intercept?.Dispose();
    }
}
