using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Small verbs over parts.</summary>
public static class PartExtensions
{
    /// <summary>
    /// Lends a module as an extractor, predictor or critic; the same module always gives the same part.
    /// </summary>
    /// <param name="module">The module; its owner goes on owning it.</param>
    /// <param name="name">What an error calls it; the compiler fills it in.</param>
    public static ModulePart AsPart(
        this nn.Module<Tensor, Tensor> module,
        [CallerArgumentExpression(nameof(module))] string? name = null
    )
    {
        ArgumentNullException.ThrowIfNull(module, name);
        return ModulePart.Of(module);
    }

    /// <summary>
    /// The class probabilities that a predictor gives: its scores brought to probabilities by their kind.
    /// </summary>
    /// <param name="predictor">The predictor.</param>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>
    /// Probabilities <c>[n, classes]</c>, of sum 1 in each row; differentiable wherever the predictor is. The caller
    /// disposes them.
    /// </returns>
    /// <exception cref="InvalidOperationException">The predictor gives values.</exception>
    public static Tensor PredictProbabilities(this ILabelPredictor predictor, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        using var scope = NewDisposeScope();
        return Internal.Probabilities.Of(predictor.Predict(features), predictor.ScoreKind).MoveToOuterDisposeScope();
    }

    /// <summary>The class probabilities of a predictor's scores as ONNX operators, by the scores' kind.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scores">The scores <c>[n, classes]</c>, the result of a part.</param>
    /// <param name="kind">What they are.</param>
    /// <returns>The probabilities in the scores' dtype.</returns>
    public static GraphValue Probabilities(this IGraphWriter graph, GraphValue scores, ScoreKind kind)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var shares = graph.Shares(graph.Wide(scores), kind, graph.ExampleOf(scores).shape[1]);
        return graph.Like(shares, scores);
    }

    /// <summary>
    /// The probabilities of labels of which a row may have any, as ONNX operators, by the kind of the scores.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scores">The scores <c>[n, k]</c>, the result of a part.</param>
    /// <param name="kind">What they are.</param>
    /// <returns>A probability for each label by itself, in the scores' dtype.</returns>
    public static GraphValue LabelProbabilities(this IGraphWriter graph, GraphValue scores, ScoreKind kind)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Like(graph.LabelShares(graph.Wide(scores), kind), scores);
    }

    /// <summary>The probabilities that a predictor gives labels of which a row may have any.</summary>
    /// <param name="predictor">The predictor.</param>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>
    /// A probability for each label by itself, <c>[n, k]</c>; differentiable wherever the predictor is. The caller
    /// disposes them.
    /// </returns>
    /// <exception cref="InvalidOperationException">The predictor gives votes or values.</exception>
    public static Tensor PredictLabelProbabilities(this ILabelPredictor predictor, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        using var scope = NewDisposeScope();
        return Internal
            .Probabilities.OfLabels(predictor.Predict(features), predictor.ScoreKind)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The extractor that serves a domain: its branch if it has branches, itself if not.</summary>
    public static IFeatureExtractor For(this IFeatureExtractor extractor, DomainId domain) =>
        extractor is IDomainSpecific specific ? specific.For(domain) : extractor;

    /// <summary>The part and everything inside it, each once, outer parts first.</summary>
    /// <param name="part">Any part; null gives nothing.</param>
    public static IEnumerable<IPart> WithInner(this IPart? part)
    {
        var seen = new HashSet<IPart>(ReferenceEqualityComparer.Instance);
        var open = new Stack<IPart>();
        if (part is not null)
        {
            open.Push(part);
        }
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next))
            {
                continue;
            }
            yield return next;
            if (next is IComposite composite)
            {
                foreach (var inner in composite.Inner.Reverse())
                {
                    open.Push(inner);
                }
            }
        }
    }
}
