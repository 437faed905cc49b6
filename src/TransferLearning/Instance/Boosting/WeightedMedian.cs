using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Predictors of values that answer with the weighted median of their answers, value by value: the result of boosting a
/// regression.
/// </summary>
/// <remarks>
/// The median is the least answer at which the cumulated votes reach half of all votes (Drucker 1997, "Improving
/// Regressors Using Boosting Techniques").
/// </remarks>
[SavedPart("weighted-median")]
public sealed class WeightedMedian : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private ILabelPredictor[] voters = [];
    private Tensor? votes;
    private Tensor? record; // [rounds, 3]: target error, beta, source share

    private WeightedMedian() { }

    internal WeightedMedian(
        IReadOnlyList<ILabelPredictor> voters,
        IReadOnlyList<double> votes,
        IReadOnlyList<BoostingRound> rounds
    )
    {
        this.voters = [.. voters];
        this.votes = tensor(votes.ToArray(), dtype: float64).DetachFromDisposeScope();
        var numbers = rounds.SelectMany(round => new[] { round.TargetError, round.Beta, round.SourceShare }).ToArray();
        record = tensor(numbers, dtype: float64).reshape(-1, 3).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => voters;

    /// <summary>The record of all rounds, in order.</summary>
    public IReadOnlyList<BoostingRound> Rounds =>
        [.. record!.cpu().data<double>().ToArray().Chunk(3).Select(row => new BoostingRound(row[0], row[1], row[2]))];

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Values;

    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, votes);
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var answers = stack([.. voters.Select(voter => Columns(voter.Predict(features)))]);
        var (sorted, order) = answers.sort(0);
        var reached = votes!.to(answers.device).index_select(0, order.reshape(-1)).reshape(order.shape).cumsum(0);
        var isReached = reached.ge(votes.sum().to(answers.device) * (0.5 - 1e-12)).to(int64);
        return sorted.gather(0, isReached.argmax(0, keepdim: true)).squeeze(0).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        // The voters' answers stand in the last dimension, [n, k, voters].
        var answers = voters.Select(
            (voter, i) =>
            {
                var answer = graph.Part(voter, inputs, $"voter{i}");
                return graph.Operator("Unsqueeze", [answer, graph.Constant(tensor(new[] { 2L }))]);
            }
        );
        var all = graph.Wide(graph.Operator("Concat", [.. answers], ("axis", 2L)));
        var sorted = graph.Operators(
            "TopK",
            2,
            [all, graph.Constant(tensor(new[] { (long)voters.Length }))],
            ("axis", 2L),
            ("largest", 0L)
        );
        var reached = graph.Operator(
            "CumSum",
            [graph.Select(graph.Constant(votes!), sorted[1], 0), graph.Constant(tensor(2L))]
        );
        var half = graph.Number(votes!.sum().item<double>() * (0.5 - 1e-12));
        var isReached = graph.Wide(graph.Operator("GreaterOrEqual", [reached, half]));
        var first = graph.Operator("ArgMax", [isReached], ("axis", 2L), ("keepdims", 1L));
        var median = graph.Operator("GatherElements", [sorted[0], first], ("axis", 2L));
        var values = graph.Operator("Squeeze", [median, graph.Constant(tensor(new[] { 2L }))]);
        return graph.Like(values, inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("votes", ref votes);
        state.Slot("record", ref record);
        long count = voters.Length;
        state.Number("voters", ref count);
        if (state.IsLoading && voters.Length != count)
        {
            voters = new ILabelPredictor[count];
        }
        for (var i = 0; i < count; i++)
        {
            state.Part($"voter{i}", ref voters[i]!);
        }
    }

    /// <summary>Disposes the voters, the votes and the record.</summary>
    public void Dispose()
    {
        votes?.Dispose();
        record?.Dispose();
        foreach (var voter in voters.OfType<IDisposable>())
        {
            voter.Dispose();
        }
    }

    // Values [n] as [n, 1]; without rows a shape leaves nothing to infer a width from.
    private static Tensor Columns(Tensor values) => values.dim() == 1 ? values.unsqueeze(1) : values;
}
