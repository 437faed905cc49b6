using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The map of <see cref="SourcePrediction"/>: the features as they are, and what the sources' predictor says beside
/// them.
/// </summary>
[SavedPart("predicted-features")]
public sealed class PredictedFeatures : IFeatureExtractor, IComposite, ISavedPart, IGraphPart
{
    private ILabelPredictor? predictor;

    private PredictedFeatures() { }

    internal PredictedFeatures(ILabelPredictor predictor) => this.predictor = predictor;

    /// <summary>The sources' predictor.</summary>
    public ILabelPredictor Predictor => predictor!;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [predictor!];

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Internal.Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        return cat([inputs, predictor!.Predict(inputs).to(inputs.dtype)], 1).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Beside(inputs, graph.Like(graph.Part(predictor!, inputs), inputs));

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("predictor", ref predictor);
    }
}
