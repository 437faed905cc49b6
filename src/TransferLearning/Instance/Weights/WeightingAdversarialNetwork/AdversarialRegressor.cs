using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// What adversarial weighting learns: a network that predicts values, and the weights that it was learned under.
/// </summary>
[SavedPart("adversarial-regressor")]
public sealed class AdversarialRegressor : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    private readonly BoundedNetwork task;
    private readonly BoundedNetwork weights;
    private Tensor? center; // [1, d]
    private Tensor? spread; // [1, d]
    private Tensor? valueCenter; // [1, k]
    private Tensor? valueSpread; // [1, k]

    private AdversarialRegressor() => (task, weights) = (new BoundedNetwork(), new BoundedNetwork());

    internal AdversarialRegressor(
        BoundedNetwork task,
        BoundedNetwork weights,
        (Tensor Center, Tensor Spread) rows,
        (Tensor Center, Tensor Spread) values
    )
    {
        (this.task, this.weights) = (task.Frozen(), weights.Frozen());
        (center, spread) = (rows.Center.DetachFromDisposeScope(), rows.Spread.DetachFromDisposeScope());
        (valueCenter, valueSpread) = (values.Center.DetachFromDisposeScope(), values.Spread.DetachFromDisposeScope());
    }

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Values;

    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        using var scope = NewDisposeScope();
        var scaled = task.Answer(Scaled(features)).to(float64);
        return ((scaled * valueSpread!) + valueCenter!).to(features.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The weights that source rows have in the end.</summary>
    /// <param name="features">Rows <c>[n, d]</c>.</param>
    /// <returns>Weights <c>[n]</c>, not negative; the caller disposes them.</returns>
    public Tensor Weigh(Tensor features)
    {
        using var scope = NewDisposeScope();
        return WeightingGame.Weigh(weights, Scaled(features)).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var centered = graph.Subtract(graph.Wide(inputs), graph.Constant(center!));
        var scaled = graph.Like(graph.Divide(centered, graph.Constant(spread!)), inputs);
        var answer = graph.Wide(task.Write(graph, scaled, inputs));
        var values = graph.Add(graph.Multiply(answer, graph.Constant(valueSpread!)), graph.Constant(valueCenter!));
        return graph.Like(values, inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        task.Exchange(state.Scope("task"));
        weights.Exchange(state.Scope("weights"));
        state.Slot("center", ref center);
        state.Slot("spread", ref spread);
        state.Slot("value center", ref valueCenter);
        state.Slot("value spread", ref valueSpread);
    }

    /// <summary>Disposes both networks and the scales.</summary>
    public void Dispose()
    {
        task.Dispose();
        weights.Dispose();
        center?.Dispose();
        spread?.Dispose();
        valueCenter?.Dispose();
        valueSpread?.Dispose();
    }

    private Tensor Scaled(Tensor features)
    {
        Guard.Alive(this, center);
        Guard.Fitted(features, center!.shape[1]);
        return ((features.to(float64) - center) / spread!).to(features.dtype);
    }
}
