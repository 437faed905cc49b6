using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>A fitted nearest-neighbor rule: it keeps the training rows.</summary>
[SavedPart("neighbor-vote")]
public sealed class NeighborVote : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    // By the number that stands in files.
    private static readonly ScoreKind[] Kinds = [ScoreKind.Values, ScoreKind.Votes, ScoreKind.Probabilities];

    private Tensor? rows;
    private Tensor? targets;
    private long neighbors;
    private ScoreKind scoreKind;

    private NeighborVote() { }

    // The rows that are kept by number, or null for all.
    internal NeighborVote(LabeledDomain data, Tensor? kept, int neighbors)
    {
        using var scope = NewDisposeScope();
        this.neighbors = neighbors;
        Tensor Kept(Tensor all) => kept is null ? all.clone() : all.index_select(0, kept);
        rows = Kept(data.Inputs.detach()).DetachFromDisposeScope();
        var wanted = LabelTargets.Of(data, float64);
        // A weight that the rows' dtype would round to 0 still votes where no other neighbor does.
        var weights = RelativeWeights.Of(data).clamp_min(rows.dtype == float64 ? 1e-150 : 1e-19).unsqueeze(1);
        // The last column carries the weight itself, to divide a weighted mean of values by.
        targets = Kept(cat([wanted * weights, weights], 1).detach()).to(rows.dtype).DetachFromDisposeScope();
        scoreKind =
            data.Space.IsClasses ? ScoreKind.Votes
            : data.Space.IsMultiLabel ? ScoreKind.Probabilities
            : ScoreKind.Values;
    }

    /// <inheritdoc />
    public ScoreKind ScoreKind => scoreKind;

    private bool IsOfVotes => scoreKind == ScoreKind.Votes;

    /// <summary>
    /// The neighbors' weighted votes <c>[n, classes]</c>, the weighted share of them that has each label, or the
    /// weighted mean of their values <c>[n, k]</c>.
    /// </summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, rows);
        Guard.Fitted(features, rows!.shape[1]);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var parts = new List<Tensor>();
        var distancesOf = SquaredDistances.OfBlocks(rows!, features.shape[0]);
        foreach (var (start, count) in SquaredDistances.Blocks(features.shape[0], rows!))
        {
            Canceling.Check();
            parts.Add(Some(features.narrow(0, start, count), distancesOf));
        }
        return cat([.. parts]).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var distances = SquaredDistances.Write(graph, graph.Wide(inputs), rows!.to(float64));
        var nearest = graph.Operators(
            "TopK",
            2,
            [distances, graph.Constant(tensor(new[] { neighbors }))],
            ("axis", 1L),
            ("largest", 0L)
        )[1];
        var known = graph.Select(graph.Wide(graph.Constant(targets!)), nearest, 0); // [n, neighbors, k + 1]
        var sums = graph.Operator("ReduceSum", [known, graph.Constant(tensor(new[] { 1L }))], ("keepdims", 0L));
        var width = targets!.shape[1] - 1;
        var votes = graph.Select(sums, graph.Constant(arange(width, dtype: int64)), 1);
        if (!IsOfVotes)
        {
            votes = graph.Divide(votes, graph.Select(sums, graph.Constant(tensor(new[] { width })), 1));
        }
        return graph.Like(votes, graph.Constant(targets));
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("rows", ref rows);
        state.Slot("targets", ref targets);
        state.Number("neighbors", ref neighbors);
        long number = Array.IndexOf(Kinds, scoreKind);
        state.Number("classifier", ref number);
        scoreKind =
            number >= 0 && number < Kinds.Length
                ? Kinds[number]
                : throw new InvalidDataException($"the file holds neighbors of the kind {number}, unknown here.");
    }

    /// <summary>Disposes the kept rows.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        targets?.Dispose();
    }

    private Tensor Some(Tensor features, Func<Tensor, Tensor> distancesOf)
    {
        using var scope = NewDisposeScope();
        var distances = distancesOf(features);
        var nearest =
            neighbors == 1
                ? distances.argmin(1, keepdim: true)
                : distances.topk((int)neighbors, 1, largest: false).indexes;
        var sums = targets!
            .index_select(0, nearest.reshape(-1))
            .reshape(features.shape[0], neighbors, targets.shape[1])
            .sum(1);
        var votes = sums.narrow(1, 0, sums.shape[1] - 1);
        return (IsOfVotes ? votes : votes / sums.narrow(1, sums.shape[1] - 1, 1)).MoveToOuterDisposeScope();
    }
}
