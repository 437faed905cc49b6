namespace TransferLearning.Instance;

/// <summary>
/// TrAdaBoost: boosting in which labeled target rows that are misread gain weight and source rows that are misread lose
/// it.
/// </summary>
/// <remarks>
/// <para>
/// Dai, Yang, Xue and Yu 2007, "Boosting for Transfer Learning", figure 1. For <c>n</c> source rows, <c>m</c> labeled
/// target rows and <c>N</c> rounds: each round fits the weak learner to the weights, brought to mean 1; <c>e_t</c> is
/// its weighted error on the target rows, capped below 1/2; <c>beta_t = e_t / (1 - e_t)</c>; misread source rows are
/// multiplied by <c>beta = 1 / (1 + sqrt(2 ln n / N))</c> and misread target rows by <c>1 / beta_t</c>.
/// </para>
/// <para>
/// The last half of the rounds, <c>t &gt;= ceil(N / 2)</c>, votes. With two classes this is the paper's rule: class 1
/// if <c>sum -ln(beta_t) h_t &gt;= 1/2 sum -ln(beta_t)</c>. With more classes the class with the largest vote wins.
/// </para>
/// </remarks>
/// <param name="learner">The weak learner; it must honor example weights.</param>
public sealed class TrAdaBoost(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The number of rounds N. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

    /// <summary>The cap of a round's error, below 1/2. Default 0.499.</summary>
    [OptionRange(Above = 0, Below = 0.5)]
    public double ErrorCap { get; init; } = 0.499;

    /// <summary>
    /// Whether source weights are multiplied by <c>2 (1 - e_t)</c> besides, as in dynamic TrAdaBoost (Al-Stouhi and
    /// Reddy 2011, "Adaptive Boosting for Transfer Learning Using Dynamic Updates"): source rows that are read rightly
    /// then keep their share instead of losing it to the target's growth. Default false.
    /// </summary>
    public bool IsDynamic { get; init; }

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

    /// <summary>Boosts over a source and a few labeled target rows.</summary>
    /// <param name="source">
    /// Source rows <c>[n, d]</c> with class labels; their weights, where given, are the initial ones.
    /// </param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The voting predictor, with the record of the rounds; the caller disposes it.</returns>
    public BoostedVote Fit(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        Internal.Guard.Options(this);
        using var canceling = Internal.Canceling.By(context);
        return new TransferRounds(Rounds, ErrorCap, IsDynamic).Fit(
            source,
            target,
            (_, all, shares) => learner.Fit(all.WithWeights((shares * all.Count).to(all.Inputs.dtype))),
            context
        );
    }
}
