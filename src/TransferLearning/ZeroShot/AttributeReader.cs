using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Reads attribute logits off a row by a predictor for each attribute; 0 for attributes that have none.
/// </summary>
[SavedPart("attribute-reader")]
public sealed class AttributeReader : IFeatureExtractor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private ILabelPredictor?[] predictors = [];

    private AttributeReader() { }

    internal AttributeReader(IReadOnlyList<ILabelPredictor?> predictors) => this.predictors = [.. predictors];

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [.. predictors.OfType<IPart>()];

    /// <summary>The attributes' logits <c>[n, a]</c>.</summary>
    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        var logits = new List<Tensor>();
        foreach (var predictor in predictors)
        {
            Canceling.Check();
            logits.Add(predictor is null ? zeros([inputs.shape[0]], float64, inputs.device) : Logit(predictor, inputs));
        }
        return stack([.. logits], 1).to(inputs.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var rows = graph.Wide(inputs);
        GraphValue Column(GraphValue of, long number) => graph.Select(of, graph.Constant(tensor(new[] { number })), 1);
        GraphValue Logit(ILabelPredictor predictor, int attribute)
        {
            var scores = graph.Wide(graph.Part(predictor, inputs, $"attribute{attribute}"));
            if (predictor.ScoreKind == ScoreKind.Logits)
            {
                return graph.Subtract(Column(scores, 1), Column(scores, 0));
            }
            var shares = graph.Shares(scores, predictor.ScoreKind, 2);
            return AttributeLikelihood.WriteLogits(graph, Column(shares, 1), Column(shares, 0));
        }
        var logits = predictors.Select(
            (predictor, i) =>
                predictor is null ? graph.Multiply(graph.RowSum(rows), graph.Number(0)) : Logit(predictor, i)
        );
        return graph.Like(graph.Beside([.. logits]), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long count = predictors.Length;
        state.Number("attributes", ref count);
        if (state.IsLoading && predictors.Length != count)
        {
            predictors = new ILabelPredictor?[count];
        }
        for (var i = 0; i < predictors.Length; i++)
        {
            state.Part($"attribute{i}", ref predictors[i]);
        }
    }

    /// <summary>Disposes the predictors.</summary>
    public void Dispose()
    {
        foreach (var predictor in predictors)
        {
            (predictor as IDisposable)?.Dispose();
        }
    }

    private static Tensor Logit(ILabelPredictor predictor, Tensor inputs)
    {
        var scores = predictor.Predict(inputs).to(float64);
        if (predictor.ScoreKind == ScoreKind.Logits)
        {
            return scores.select(1, 1) - scores.select(1, 0);
        }
        var shares = Probabilities.Of(scores, predictor.ScoreKind);
        return AttributeLikelihood.Logits(shares.select(1, 1), shares.select(1, 0));
    }
}
