using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A fitted linear predictor <c>x W + b</c>: what ridge and logistic regression give. It computes in float64 and
/// answers in the rows' dtype.
/// </summary>
[SavedPart("linear-predictor")]
public sealed class LinearPredictor : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? weight;
    private Tensor? bias;
    private ScoreKind scoreKind;

    private LinearPredictor() { }

    internal LinearPredictor(Tensor weight, Tensor bias, ScoreKind scoreKind) =>
        (this.weight, this.bias, this.scoreKind) = (Kept(weight), Kept(bias), scoreKind);

    /// <summary>The weights W, float64 <c>[d, outputs]</c>; they belong to the predictor.</summary>
    public Tensor Weight => weight!;

    /// <summary>The intercepts b, float64 <c>[outputs]</c>; they belong to the predictor.</summary>
    public Tensor Bias => bias!;

    /// <inheritdoc />
    public ScoreKind ScoreKind => scoreKind;

    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, weight);
        Guard.Fitted(features, weight!.shape[0]);
        using var scope = NewDisposeScope();
        return addmm(bias!, features.to(float64), weight!, beta: 1, alpha: 1)
            .to(features.dtype)
            .MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Like(graph.Add(graph.Product(graph.Wide(inputs), weight!), graph.Constant(bias!)), inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("weight", ref weight);
        state.Slot("bias", ref bias);
        Probabilities.Exchange(state, ref scoreKind);
    }

    /// <summary>Disposes the weights.</summary>
    public void Dispose()
    {
        weight?.Dispose();
        bias?.Dispose();
    }

    private static Tensor Kept(Tensor fitted)
    {
        using var scope = NewDisposeScope();
        return fitted.detach().to(float64).contiguous().DetachFromDisposeScope();
    }
}
