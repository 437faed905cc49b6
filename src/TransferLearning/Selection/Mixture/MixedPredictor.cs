using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>The mean of two models' class probabilities, of features that <see cref="MixedFeatures"/> joined.</summary>
[SavedPart("mixed-predictor")]
internal sealed class MixedPredictor : ILabelPredictor, IComposite, ISavedPart, IGraphPart
{
    private ILabelPredictor? first;
    private ILabelPredictor? second;
    private long width;
    private ScalarType firstType;
    private ScalarType secondType;

    private MixedPredictor() { }

    /// <summary>Mixes two models.</summary>
    /// <param name="first">The first model's predictor.</param>
    /// <param name="second">The second one's.</param>
    /// <param name="features">A few rows of the first model's features.</param>
    /// <param name="others">A few rows of the second one's.</param>
    public MixedPredictor(ILabelPredictor first, ILabelPredictor second, Tensor features, Tensor others)
    {
        (this.first, this.second) = (first, second);
        width = features.flatten(1).shape[1];
        (firstType, secondType) = (features.dtype, others.dtype);
    }

    public IReadOnlyList<IPart> Inner => [first!, second!];

    public ScoreKind ScoreKind => ScoreKind.Probabilities;

    public bool SaysUnknown => first!.SaysUnknown;

    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        var ofFirst = features.narrow(1, 0, width).to(firstType);
        var ofSecond = features.narrow(1, width, features.shape[1] - width).to(secondType);
        var sum = Probabilities.Of(first!, ofFirst) + Probabilities.Of(second!, ofSecond);
        return (sum / 2).to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var rows = graph.ExampleOf(inputs);
        var sum = graph.Add(
            Shares(first!, 0, width, "plain"),
            Shares(second!, width, rows.shape[1] - width, "adapted")
        );
        return graph.Like(graph.Multiply(sum, graph.Number(0.5)), inputs);

        GraphValue Shares(ILabelPredictor model, long start, long count, string name)
        {
            var columns = graph.Select(inputs, graph.Constant(arange(start, start + count, dtype: int64)), 1);
            var scores = graph.Part(model, graph.WithExample(columns, rows.narrow(1, start, count)), name);
            return graph.Shares(graph.Wide(scores), model.ScoreKind, graph.ExampleOf(scores).shape[1]);
        }
    }

    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("plain", ref first);
        state.Part("adapted", ref second);
        state.Number("width", ref width);
        state.Choice("plain dtype", ref firstType);
        state.Choice("adapted dtype", ref secondType);
    }
}
