using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Fits a chain beside one that does not adapt, and keeps the adapted model only where validators find it better,
/// without a target label.
/// </summary>
/// <remarks>
/// Each validator compares both models on the target; the adapted one is kept where more than <see cref="MinShare"/> of
/// the votes are for it (a tie is half a vote, and so is a validator that gives NaN for one of them), and where it has
/// not collapsed: it must predict at least half as many classes, by the exponential of its mean prediction's entropy,
/// as the plain one. This is a rule of votes, not a proof: validators can err together, and a wrong verdict costs what
/// adaptation would have gained or lost. It cannot cost more than <see cref="GuardVerdict.Disagreement"/>: where both
/// models read a row alike, both are right or both are wrong.
/// </remarks>
public sealed class NegativeTransferGuard
{
    /// <summary>
    /// Makes the chain that does not adapt: a learner alone, or a network trained on the source. Modules without a seed
    /// of their own draw their first values by the fit's.
    /// </summary>
    public required Func<AdaptationBuilder> Plain { get; init; }

    /// <summary>Makes the chain that adapts.</summary>
    public required Func<AdaptationBuilder> Adapted { get; init; }

    /// <summary>
    /// The validators; null, the default, for IM, the silhouette of the predicted classes, their agreement with the
    /// groups of the features (ClassAMI), and the way back with <see cref="Plain"/> (<see cref="CircularValidation"/>):
    /// of the rules that were tried, their majority kept the most accuracy on the pairs of domains that were looked at.
    /// </summary>
    public IReadOnlyList<IModelScore>? Scores { get; init; }

    /// <summary>The share of votes that the adapted model must exceed, from 0 to below 1. Default one half.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double MinShare { get; init; } = 0.5;

    /// <summary>
    /// The largest share of target rows that both models may read differently for the adapted one to be kept, from 0 to
    /// 1: adaptation then costs no more accuracy than that, whatever the validators say. Default 1, no limit.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double MostDisagreement { get; init; } = 1;

    /// <summary>
    /// Further seeds, for each of which both chains are fitted once more: how often the fits of a chain read the
    /// target's rows alike (<see cref="SeedAgreement"/>) is then a vote like the validators'. Default none.
    /// </summary>
    /// <remarks>Methods whose fit does not depend on the seed agree always, and a tie is half a vote.</remarks>
    public IReadOnlyList<long> AgreementSeeds { get; init; } = [];

    /// <summary>What is kept where the adapted model is not. Default the plain one.</summary>
    public GuardFallback Fallback { get; init; }

    /// <summary>Fits both chains and decides.</summary>
    /// <param name="source">Labeled examples, classes.</param>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="options">Options of both fits; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The verdict with the model that was kept; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There is no score, or a seed stands twice.</exception>
    /// <exception cref="InvalidOperationException">
    /// The models are to be mixed, and one of them says "unknown" where the other cannot.
    /// </exception>
    /// <exception cref="InvalidAdaptationException">A chain does not fit the domains.</exception>
    public GuardVerdict Fit(
        LabeledDomain source,
        UnlabeledDomain target,
        FitOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        Guard.Options(this);
        ArgumentNullException.ThrowIfNull(Plain);
        ArgumentNullException.ThrowIfNull(Adapted);
        if (Scores is { Count: 0 })
        {
            throw new ArgumentException("a guard needs at least one score.");
        }
        options ??= new FitOptions();
        SeveralFits.RefuseCheckpoints(options);
        if (AgreementSeeds.Append(options.Seed).Distinct().Count() <= AgreementSeeds.Count)
        {
            throw new ArgumentException(
                $"AgreementSeeds must differ from each other and from the options' seed {options.Seed}, each is a fit "
                    + $"of its own; got {string.Join(", ", AgreementSeeds)}."
            );
        }
        var domains = new DomainSet([source], target);
        var plain = Fitted(Plain, options.Seed);
        AdaptedModel? adapted = null;
        try
        {
            adapted = Fitted(Adapted, options.Seed);
            using var canceling = Canceling.By(cancellationToken);
            var scores =
                Scores
                ??
                [
                    new PredictionInformation(),
                    new ClusterSilhouette(),
                    new ClusterAgreement(),
                    new CircularValidation(Plain) { Options = options },
                ];
            ScoreVote[] agreement =
                AgreementSeeds.Count == 0
                    ? []
                    : [new ScoreVote(nameof(SeedAgreement), Agreement(Plain, plain), Agreement(Adapted, adapted))];
            var verdict = Judged(scores, agreement, plain, adapted, domains);
            if (!verdict.IsMixture)
            {
                (verdict.IsAdapted ? plain : adapted).Dispose();
            }
            return verdict;
        }
        catch
        {
            plain.Dispose();
            adapted?.Dispose();
            throw;
        }

        AdaptedModel Fitted(Func<AdaptationBuilder> chain, long seed) =>
            SeededChain.Fit(
                chain,
                seed,
                made => made.Fit(source, target, options with { Seed = seed }, cancellationToken: cancellationToken)
            );

        double Agreement(Func<AdaptationBuilder> chain, AdaptedModel first)
        {
            var others = new List<AdaptedModel>();
            try
            {
                foreach (var seed in AgreementSeeds)
                {
                    others.Add(Fitted(chain, seed));
                }
                return SeedAgreement.Of([first, .. others], target);
            }
            finally
            {
                others.ForEach(model => model.Dispose());
            }
        }
    }

    private GuardVerdict Judged(
        IReadOnlyList<IModelScore> scores,
        IReadOnlyList<ScoreVote> agreement,
        AdaptedModel plain,
        AdaptedModel adapted,
        DomainSet domains
    )
    {
        using var scope = NewDisposeScope();
        domains = plain.Device is { } device ? DomainMoves.To(domains, device) : domains;
        ScoreVote[] votes =
        [
            .. scores.Select(score => new ScoreVote(
                score.Name,
                score.Score(plain.Extractor, plain.Predictor, domains),
                score.Score(adapted.Extractor, adapted.Predictor, domains)
            )),
            .. agreement,
        ];
        var share = votes.Average(vote => vote.ForAdapted);
        var (classesOfPlain, classesOfAdapted) = (Classes(plain, domains), Classes(adapted, domains));
        var hasCollapsed = classesOfAdapted < classesOfPlain / 2;
        var disagreement = 1 - SeedAgreement.Of([plain, adapted], domains.Target);
        var isAffordable = !hasCollapsed && disagreement <= MostDisagreement;
        var isAdapted = share > MinShare && isAffordable;
        var isMixture = !isAdapted && Fallback == GuardFallback.Mixture && share > 0 && isAffordable;
        var kept =
            isMixture ? ModelMixture.Of(plain, adapted, domains)
            : isAdapted ? adapted
            : plain;
        return new GuardVerdict(kept, isAdapted, votes, classesOfPlain, classesOfAdapted)
        {
            IsMixture = isMixture,
            Disagreement = disagreement,
        };
    }

    private static double Classes(AdaptedModel model, DomainSet domains) =>
        Math.Exp(new PredictionDiversity().Score(model.Extractor, model.Predictor, domains));
}
