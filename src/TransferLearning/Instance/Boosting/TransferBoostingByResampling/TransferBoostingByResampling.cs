using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// TrResampling: transfer boosting whose learners see the labeled target rows and only those source rows that a draw by
/// weight picks.
/// </summary>
/// <remarks>
/// Liu, Liu, Wang, Cai and Zhang 2018, "Ensemble Transfer Learning Algorithm". The weights are TrAdaBoost's (see
/// <see cref="TrAdaBoost"/>); each round draws <c>ceil(share n)</c> source rows with replacement in proportion to their
/// weights, so that rows that contradict the target soon stay away, and fits the learner to them and the target rows;
/// the last half of the rounds votes. The paper leaves open how the two parts weigh in a round: here the drawn rows
/// share the source's present weight evenly, and target rows keep theirs. The draws make the voters differ, also where
/// the learner is a network (<see cref="Predictors.NetworkLearner"/>), and a round costs less than all source rows
/// would.
/// </remarks>
/// <param name="learner">The learner; it must honor example weights.</param>
public sealed class TransferBoostingByResampling(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The number of rounds N. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

    /// <summary>How many rows a round draws, as a share of the source's, above 0 and at most 1. Default 0.5.</summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double DrawnShare { get; init; } = 0.5;

    /// <summary>The cap of a round's error, below 1/2. Default 0.499.</summary>
    [OptionRange(Above = 0, Below = 0.5)]
    public double ErrorCap { get; init; } = 0.499;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan) => ClassErrors.Plan(plan);

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var vote = run.Fitted("vote", () => Fit(domains.PooledSources(), domains.LabeledTarget!, run.Context));
        return embedded.With(null, vote);
    }

    /// <summary>Boosts over draws from a source and a few labeled target rows.</summary>
    /// <param name="source">
    /// Source rows <c>[n, d]</c> with class labels; their weights, where given, are the initial ones.
    /// </param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Randomness (the draws), cancellation and progress; null for seed 0.</param>
    /// <returns>The voting predictor, with the record of the rounds; the caller disposes it.</returns>
    public BoostedVote Fit(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Internal.Guard.Options(this);
        var run = context ?? new FitContext();
        var count = (long)Math.Ceiling(DrawnShare * source.Count);
        using var canceling = Internal.Canceling.By(context);
        return new TransferRounds(Rounds, ErrorCap).Fit(
            source,
            target,
            (round, all, shares) => learner.Fit(Drawn(all, shares, source.Count, count, run.Key.Child(round))),
            run
        );
    }

    private static LabeledDomain Drawn(LabeledDomain all, Tensor shares, long n, long count, RandomKey key)
    {
        var (ofSource, ofTarget) = (shares.narrow(0, 0, n), shares.narrow(0, n, all.Count - n));
        using var generator = key.Generator();
        var mass = ofSource.cumsum(0);
        var places = rand(count, dtype: float64, generator: generator).to(mass.device) * mass[-1];
        var drawn = searchsorted(mass, places, right: true).clamp_max(n - 1);
        var rows = cat([drawn, arange(n, all.Count, dtype: int64, device: drawn.device)]);
        var weights = cat([(mass[-1] / count).expand(count), ofTarget]) * rows.shape[0];
        return new LabeledDomain(
            all.Inputs.index_select(0, rows),
            all.Labels.index_select(0, rows),
            weights.to(all.Inputs.dtype),
            all.Space
        );
    }
}
