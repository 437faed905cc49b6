using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// A fitted zero-shot learner: it reads a vector off a row and holds it against the description of every class, seen or
/// not.
/// </summary>
[SavedPart("semantic-predictor")]
public sealed class SemanticPredictor : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private IFeatureExtractor? reader;
    private Tensor? vectors; // [C, a], of length 1 where cosines are taken
    private Tensor? seen; // bool [C]
    private Tensor? offsets; // [C], log-likelihoods under the priors
    private ClassComparison comparison;
    private double seenPenalty;

    private SemanticPredictor() { }

    // Without a reader the row itself is compared.
    internal SemanticPredictor(
        IFeatureExtractor? reader,
        Tensor vectors,
        ClassComparison comparison,
        Tensor seen,
        double seenPenalty,
        Tensor? priors
    )
    {
        using var scope = NewDisposeScope();
        (this.reader, this.comparison, this.seenPenalty) = (reader, comparison, seenPenalty);
        var known = comparison == ClassComparison.Cosine ? SemanticRows.Unit(vectors) : vectors.clone();
        this.vectors = known.DetachFromDisposeScope();
        this.seen = seen.clone().DetachFromDisposeScope();
        offsets = priors is null ? null : AttributeLikelihood.OfPriors(vectors, priors).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => reader is null ? [] : [reader];

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <summary>
    /// What is read off rows: attributes, attribute logits, or a point of the descriptions' space, <c>[n, a]</c>.
    /// </summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>The vectors in the features' dtype; the caller disposes them.</returns>
    public Tensor Read(Tensor features)
    {
        Guard.Alive(this, vectors);
        Guard.Rows(features, 0);
        return reader is null ? features.alias() : reader.Extract(features);
    }

    /// <summary>Each class's score <c>[n, classes]</c>, less the penalty for seen classes.</summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, vectors);
        Guard.Rows(features, 0);
        using var scope = NewDisposeScope();
        var read = Read(features.to(float64));
        var scores = comparison switch
        {
            ClassComparison.Likelihood => AttributeLikelihood.Of(read, vectors!, offsets!),
            ClassComparison.Cosine => Product(SemanticRows.Unit(read)),
            _ => Product(read),
        };
        return where(seen!, scores - seenPenalty, scores).to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var read = graph.Wide(reader is null ? inputs : graph.Part(reader, inputs));
        var scores = comparison switch
        {
            ClassComparison.Likelihood => AttributeLikelihood.Write(graph, read, vectors!, offsets!),
            ClassComparison.Cosine => graph.Product(graph.UnitRows(read, 1e-30), vectors!.t()),
            _ => graph.Product(read, vectors!.t()),
        };
        var penalties = where(seen!, tensor(-seenPenalty, dtype: float64), tensor(0.0, dtype: float64));
        return graph.Like(graph.Add(scores, graph.Constant(penalties)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("reader", ref reader);
        state.Slot("vectors", ref vectors);
        state.Slot("seen", ref seen);
        state.Slot("offsets", ref offsets);
        state.Number("seen penalty", ref seenPenalty);
        state.Choice("comparison", ref comparison);
    }

    /// <summary>Disposes the descriptions that it keeps, and the reader.</summary>
    public void Dispose()
    {
        (reader as IDisposable)?.Dispose();
        vectors?.Dispose();
        seen?.Dispose();
        offsets?.Dispose();
    }

    private Tensor Product(Tensor read)
    {
        Guard.Fitted(read, vectors!.shape[1], "features");
        return read.matmul(vectors.t());
    }
}
