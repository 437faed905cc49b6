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
/// adaptation would have gained or lost.
/// </remarks>
public sealed class NegativeTransferGuard
{
    /// <summary>Makes the chain that does not adapt: a learner alone, or a network trained on the source.</summary>
    public required Func<AdaptationBuilder> Plain { get; init; }

    /// <summary>Makes the chain that adapts.</summary>
    public required Func<AdaptationBuilder> Adapted { get; init; }

    /// <summary>
    /// The validators; null, the default, for IM, the silhouette of the predicted classes, and the way back with
    /// <see cref="Plain"/> (<see cref="CircularValidation"/>), three views that have little in common.
    /// </summary>
    public IReadOnlyList<IModelScore>? Scores { get; init; }

    /// <summary>The share of votes that the adapted model must exceed, from 0 to below 1. Default one half.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double MinShare { get; init; } = 0.5;

    /// <summary>Fits both chains and decides.</summary>
    /// <param name="source">Labeled examples, classes.</param>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="options">Options of both fits; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The verdict with the model that was kept; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There is no score.</exception>
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
        SeveralFits.RefuseCheckpoints(options);
        var domains = new DomainSet([source], target);
        var plain = Plain().Fit(source, target, options, cancellationToken: cancellationToken);
        AdaptedModel? adapted = null;
        try
        {
            adapted = Adapted().Fit(source, target, options, cancellationToken: cancellationToken);
            using var canceling = Canceling.By(cancellationToken);
            var scores =
                Scores
                ??
                [
                    new PredictionInformation(),
                    new ClusterSilhouette(),
                    new CircularValidation(Plain) { Options = options },
                ];
            var verdict = Judged(scores, plain, adapted, domains);
            (verdict.IsAdapted ? plain : adapted).Dispose();
            return verdict;
        }
        catch
        {
            plain.Dispose();
            adapted?.Dispose();
            throw;
        }
    }

    private GuardVerdict Judged(
        IReadOnlyList<IModelScore> scores,
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
        ];
        var share = votes.Average(vote => vote.ForAdapted);
        var (classesOfPlain, classesOfAdapted) = (Classes(plain, domains), Classes(adapted, domains));
        var hasCollapsed = classesOfAdapted < classesOfPlain / 2;
        var isAdapted = share > MinShare && !hasCollapsed;
        return new GuardVerdict(isAdapted ? adapted : plain, isAdapted, votes, classesOfPlain, classesOfAdapted);
    }

    private static double Classes(AdaptedModel model, DomainSet domains) =>
        Math.Exp(new PredictionDiversity().Score(model.Extractor, model.Predictor, domains));
}
