using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Weak predictors that vote with the logarithm of their boosting factor: the result of <see cref="TrAdaBoost"/>.
/// </summary>
[SavedPart("boosted-vote")]
public sealed class BoostedVote : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private ILabelPredictor[] voters = [];
    private Tensor? record; // [rounds, 3]: target error, beta, source share
    private long firstVoter;
    private long classes;

    private BoostedVote() { }

    internal BoostedVote(
        IReadOnlyList<ILabelPredictor> voters,
        IReadOnlyList<BoostingRound> rounds,
        int firstVoter,
        long classes
    )
    {
        (this.voters, this.firstVoter, this.classes) = ([.. voters], firstVoter, classes);
        var numbers = rounds.SelectMany(round => new[] { round.TargetError, round.Beta, round.SourceShare }).ToArray();
        record = tensor(numbers, dtype: float64).reshape(-1, 3).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => voters;

    /// <summary>The record of all rounds, in order.</summary>
    public IReadOnlyList<BoostingRound> Rounds
    {
        get
        {
            var numbers = record!.cpu().data<double>().ToArray();
            return [.. numbers.Chunk(3).Select(row => new BoostingRound(row[0], row[1], row[2]))];
        }
    }

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Votes;

    /// <summary>
    /// The votes <c>[n, classes]</c>: the summed <c>-ln(beta_t)</c> of the rounds that chose each class. Ties go to the
    /// higher class, as in the paper.
    /// </summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, record);
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var votes = zeros([features.shape[0], classes], float64, features.device);
        var all = 0.0;
        for (var i = 0; i < voters.Length; i++)
        {
            Canceling.Check();
            var strength = -Math.Log(record![firstVoter - 1 + i, 1].item<double>());
            all += Math.Abs(strength);
            var chosen = voters[i].Predict(features).argmax(1, keepdim: true);
            votes.scatter_add_(1, chosen, full(chosen.shape, strength, float64, chosen.device));
        }
        // The paper decides for class 1 at exactly half of the vote; a hair more for each higher class says so to
        // argmax.
        var hair = arange(0, classes, float64, features.device) * (all * (features.dtype == float64 ? 1e-12 : 1e-6));
        return (votes + hair).to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var all = 0.0;
        GraphValue? votes = null;
        for (var i = 0; i < voters.Length; i++)
        {
            var strength = -Math.Log(record![firstVoter - 1 + i, 1].item<double>());
            all += Math.Abs(strength);
            var chosen = graph.Best(graph.Part(voters[i], inputs, $"voter{i}"));
            var vote = graph.Select(graph.Constant(eye(classes, dtype: float64) * strength), chosen, 0);
            votes = votes is { } others ? graph.Add(others, vote) : vote;
        }
        var hair = arange(classes, dtype: float64) * (all * (graph.ExampleOf(inputs).dtype == float64 ? 1e-12 : 1e-6));
        return graph.Like(graph.Add(votes!.Value, graph.Constant(hair)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("first voter", ref firstVoter);
        state.Number("classes", ref classes);
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

    /// <summary>Disposes the voters and the record.</summary>
    public void Dispose()
    {
        record?.Dispose();
        foreach (var voter in voters.OfType<IDisposable>())
        {
            voter.Dispose();
        }
    }
}
