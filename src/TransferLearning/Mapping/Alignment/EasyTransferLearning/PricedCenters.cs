using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Class centers with prices, the result of <see cref="EasyTransferLearning"/>: a row is of the class with the least
/// distance less price.
/// </summary>
[SavedPart("priced-centers")]
public sealed class PricedCenters : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? centers;
    private Tensor? prices;
    private Tensor? known;
    private long classes;

    private PricedCenters() { }

    internal PricedCenters(Tensor centers, Tensor prices, Tensor known, long classes)
    {
        this.centers = centers.contiguous().DetachFromDisposeScope();
        this.prices = prices.DetachFromDisposeScope();
        this.known = known.DetachFromDisposeScope();
        this.classes = classes;
    }

    /// <summary>The centers <c>[c, d]</c> of the classes that the source has; they belong to the predictor.</summary>
    public Tensor Centers => centers!;

    /// <summary>Their prices, float64 <c>[c]</c>, 0 for classes that need none; they belong to the predictor.</summary>
    public Tensor Prices => prices!;

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Logits;

    /// <summary>
    /// The prices less the distances, <c>[n, classes]</c>; minus infinity for classes that the source lacks.
    /// </summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, centers);
        Guard.Pair(features, centers!, 0, targetName: "the fitted centers");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var distances = SquaredDistances.Between(features.to(float64), centers!.to(float64)).sqrt();
        var scores = full([features.shape[0], classes], double.NegativeInfinity, float64, features.device);
        scores.index_copy_(1, known!, prices! - distances);
        return scores.to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var distances = graph.Operator(
            "Sqrt",
            [SquaredDistances.Write(graph, graph.Wide(inputs), centers!.to(float64))]
        );
        // Each class takes its center's column, and those without a center one of minus infinity behind them.
        var places = full([classes], known!.shape[0], dtype: int64);
        places.index_copy_(0, known.cpu(), arange(known.shape[0], dtype: int64));
        var priced = graph.Subtract(graph.Constant(prices!), distances);
        var none = graph.Multiply(graph.RowSum(graph.Operator("Abs", [priced])), graph.Number(0));
        none = graph.Add(none, graph.Number(double.NegativeInfinity));
        var all = graph.Select(graph.Beside(priced, none), graph.Constant(places), 1);
        return graph.Like(all, inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("centers", ref centers);
        state.Slot("prices", ref prices);
        state.Slot("known", ref known);
        state.Number("classes", ref classes);
    }

    /// <summary>Disposes the centers and the prices.</summary>
    public void Dispose()
    {
        centers?.Dispose();
        prices?.Dispose();
        known?.Dispose();
    }
}
