using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>A fitted linear predictor <c>x W + b</c>: what ridge and logistic regression give.</summary>
public sealed class LinearPredictor : ILabelPredictor, ISavedPart, IDisposable
{
    private Tensor? weight;
    private Tensor? bias;

    private LinearPredictor() { }

    internal LinearPredictor(Tensor weight, Tensor bias) =>
        (this.weight, this.bias) = (
            weight.detach().contiguous().DetachFromDisposeScope(),
            bias.detach().contiguous().DetachFromDisposeScope()
        );

    /// <summary>The weights W <c>[d, outputs]</c>; they belong to the predictor.</summary>
    public Tensor Weight => weight!;

    /// <summary>The intercepts b <c>[outputs]</c>; they belong to the predictor.</summary>
    public Tensor Bias => bias!;

    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Fitted(features, weight!.shape[0]);
        using var scope = NewDisposeScope();
        return addmm(bias!.to(features.dtype), features, weight!.to(features.dtype), beta: 1, alpha: 1)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("weight", ref weight);
        state.Slot("bias", ref bias);
    }

    /// <summary>Disposes the weights.</summary>
    public void Dispose()
    {
        weight?.Dispose();
        bias?.Dispose();
    }
}
