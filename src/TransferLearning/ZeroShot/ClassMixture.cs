using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// Reads a vector off a row by what seen classes it resembles: the mean of their descriptions by their probabilities.
/// </summary>
[SavedPart("class-mixture")]
public sealed class ClassMixture : IFeatureExtractor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private ILabelPredictor? predictor;
    private Tensor? vectors; // [z, a]
    private long most; // so many of the likeliest classes count; 0 for all
    private long isLogit;

    private ClassMixture() { }

    internal ClassMixture(ILabelPredictor predictor, Tensor vectors, long most, bool isLogit)
    {
        (this.predictor, this.most, this.isLogit) = (predictor, most, isLogit ? 1 : 0);
        this.vectors = vectors.clone().DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [predictor!];

    /// <summary>The mean description <c>[n, a]</c>, or the logits of mean binary attributes.</summary>
    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, vectors);
        Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        var shares = Probabilities.Of(predictor!, inputs);
        var read =
            isLogit == 1
                ? AttributeLikelihood.Logits(shares.matmul(vectors!), shares.matmul(vectors!.neg() + 1.0))
                : Mean(shares, vectors!, most);
        return read.to(inputs.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of descriptions by the largest probabilities. Opens no scope.</summary>
    internal static Tensor Mean(Tensor shares, Tensor vectors, long most)
    {
        if (most == 0 || most >= shares.shape[1])
        {
            return shares.matmul(vectors) / shares.sum(1, keepdim: true);
        }
        var (largest, classes) = shares.topk((int)most, 1);
        var kept = zeros_like(shares).scatter(1, classes, largest);
        return kept.matmul(vectors) / largest.sum(1, keepdim: true);
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var scores = graph.Part(predictor!, inputs);
        var shares = graph.Shares(graph.Wide(scores), predictor!.ScoreKind, vectors!.shape[0]);
        if (isLogit == 1)
        {
            var (present, absent) = (graph.Product(shares, vectors), graph.Product(shares, 1 - vectors));
            return graph.Like(AttributeLikelihood.WriteLogits(graph, present, absent), inputs);
        }
        if (most > 0 && most < vectors.shape[0])
        {
            var largest = graph.Operators("TopK", 2, [shares, graph.Constant(tensor(new[] { most }))], ("axis", 1L));
            var nothing = graph.Multiply(shares, graph.Number(0));
            shares = graph.Operator("ScatterElements", [nothing, largest[1], largest[0]], ("axis", 1L));
        }
        return graph.Like(graph.Divide(graph.Product(shares, vectors), graph.RowSum(shares)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("predictor", ref predictor);
        state.Slot("vectors", ref vectors);
        state.Number("most", ref most);
        state.Number("logit", ref isLogit);
    }

    /// <summary>Disposes the descriptions that it keeps, and the predictor of the seen classes.</summary>
    public void Dispose()
    {
        (predictor as IDisposable)?.Dispose();
        vectors?.Dispose();
    }
}
