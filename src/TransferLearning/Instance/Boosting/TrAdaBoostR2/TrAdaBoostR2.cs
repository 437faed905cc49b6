using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// TrAdaBoost.R2: boosting of a regression in which target rows with large errors gain weight and source rows with
/// large errors lose it.
/// </summary>
/// <remarks>
/// Pardoe and Stone 2010, "Boosting for Regression Transfer", algorithm 2. For n source rows, m labeled target rows and
/// N rounds: each round fits the weak learner to the weights; <c>e_i = |h(x_i) - y_i| / max_j |h(x_j) - y_j|</c> over
/// all rows; <c>e</c> is their weighted mean on the target; <c>beta_t = e / (1 - e)</c>; source rows are multiplied by
/// <c>beta^e_i</c> with <c>beta = 1 / (1 + sqrt(2 ln n / N))</c>, target rows by <c>beta_t^(-e_i)</c>. It ends early at
/// <c>e &gt;= 1/2</c>. The rounds <c>t &gt;= ceil(N / 2)</c> answer with the median weighted by <c>-ln beta_t</c>.
/// Several values a row are taken with their Euclidean distance.
/// </remarks>
/// <param name="learner">The weak learner; it must honor example weights.</param>
public sealed class TrAdaBoostR2(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The number of rounds N. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

    /// <summary>How a round's error becomes its factor. Default the paper's.</summary>
    public BoostingFactor Factor { get; init; } = BoostingFactor.Odds;

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        RowChecks.Vectors(plan);
        return RegressionErrors.Plan(plan);
    }

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var median = run.Fitted("median", () => Fit(domains.PooledSources(), domains.LabeledTarget!, run.Context));
        return embedded.With(null, median);
    }

    /// <summary>Boosts over a source and a few labeled target rows.</summary>
    /// <param name="source">
    /// Source rows <c>[n, d]</c> with values; their weights, where given, are the initial ones.
    /// </param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The predictor, with the record of the rounds; the caller disposes it.</returns>
    public WeightedMedian Fit(LabeledDomain source, LabeledDomain target, FitContext? context = null)
    {
        RegressionErrors.Check(source, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var (n, m) = (source.Count, target.Count);
        var all = DomainPool.Labeled([source, target]);
        var weights = (all.Weights ?? ones(all.Count, device: all.Inputs.device)).to(float64);
        var sourceSlope = Math.Log(1 / (1 + Math.Sqrt(2 * Math.Log(n) / Rounds)));
        var rounds = new List<BoostingRound>(Rounds);
        var weak = new List<ILabelPredictor>(Rounds);
        for (var round = 0; round < Rounds; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var shares = weights / weights.sum();
            var fitted = made.Add(learner.Fit(RegressionErrors.Weighted(all, shares)));
            var errors = RegressionErrors.Of(fitted, all);
            var targetShares = shares.narrow(0, n, m);
            var error = ((targetShares * errors.narrow(0, n, m)).sum() / targetShares.sum()).item<double>();
            var isUseless = Factor == BoostingFactor.Odds && error >= 0.5;
            if (isUseless && weak.Count > 0)
            {
                break;
            }
            // A first learner that is no better than half its largest error is all there is; it answers alone.
            var beta = isUseless
                ? 1 - 1e-10
                : Math.Max(1e-10, error) / ((Factor == BoostingFactor.Odds ? 1 : 2) - error);
            weak.Add(fitted);
            rounds.Add(new BoostingRound(error, beta, shares.narrow(0, 0, n).sum().item<double>()));
            if (isUseless)
            {
                break;
            }
            var slopes = cat([full(n, sourceSlope, float64), full(m, -Math.Log(beta), float64)]).to(errors.device);
            weights = (shares * (errors * slopes).exp()).MoveToOuterDisposeScope();
        }
        return made.HandOver(Voting(weak, rounds));
    }

    // Of the N rounds taken, those from ceil(N / 2) on, counted from 1, have a voice.
    private static WeightedMedian Voting(List<ILabelPredictor> weak, List<BoostingRound> rounds)
    {
        var first = ((weak.Count + 1) / 2) - 1;
        return new WeightedMedian(
            [.. weak.Skip(first)],
            [.. rounds.Skip(first).Select(round => -Math.Log(round.Beta))],
            rounds
        );
    }
}
