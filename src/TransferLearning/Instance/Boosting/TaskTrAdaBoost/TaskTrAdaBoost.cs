using System.Globalization;
using Microsoft.Extensions.Logging;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// TaskTrAdaBoost: collects the weak classifiers that boosting finds on each source, then boosts the target by picking
/// among them.
/// </summary>
/// <remarks>
/// <para>
/// Yao and Doretto 2010, "Boosting for Transfer Learning with Multiple Sources", algorithms 2 and 3. Phase I: AdaBoost
/// on every source alone, M rounds, misread rows against others by <c>exp(2 a)</c>, <c>a = 1/2 ln((1 - e) / e)</c>;
/// classifiers with <c>a &gt; gamma</c> become candidates. A source's rounds end at an error of 0 or of 1/2, from where
/// they would repeat themselves.
/// </para>
/// <para>
/// Phase II: AdaBoost on the labeled target rows, M rounds, each taking the candidate with the largest <c>|a|</c> under
/// the present weights, once. With two classes a candidate that errs in more than half votes against itself, as the
/// paper turns it round; with more only <c>a &gt; 0</c> counts. Where the first round finds no vote that counts, the
/// candidate of the least error answers alone, and the log warns. Nothing is fitted to the target: few rows suffice,
/// and phase II costs a product of candidates and rows a round.
/// </para>
/// </remarks>
/// <param name="learner">The weak learner; it must honor example weights.</param>
public sealed class TaskTrAdaBoost(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The number of rounds M, on each source and on the target. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

    /// <summary>
    /// The threshold gamma that a candidate's vote on its own source must exceed, not negative. Default 0: better than
    /// chance.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double MinVote { get; init; }

    /// <inheritdoc />
    public ChainPlan Plan(ChainPlan plan) => ClassErrors.Plan(plan);

    /// <inheritdoc />
    public AdaptationState Fit(AdaptationState state, FitRun run)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(run);
        var embedded = state.Embedded();
        var domains = embedded.Domains;
        var vote = run.Fitted("vote", () => Fit(domains.Sources, domains.LabeledTarget!, run.Context));
        return embedded.With(null, vote);
    }

    /// <summary>Collects candidates from the sources and picks among them on the target.</summary>
    /// <param name="sources">
    /// Source rows <c>[n_k, d]</c> with class labels; weights, where given, are the initial ones.
    /// </param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The voting predictor, with the record of phase II; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">No source gave a candidate.</exception>
    public BoostedVote Fit(IReadOnlyList<LabeledDomain> sources, LabeledDomain target, FitContext? context = null)
    {
        ClassErrors.Check(sources, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var candidates = new List<ILabelPredictor>();
        for (var k = 0; k < sources.Count; k++)
        {
            context?.Report((double)k / (sources.Count + 1));
            Collect(sources[k], candidates, made, context);
        }
        if (candidates.Count == 0)
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"no source gave a classifier whose vote exceeds MinVote = {MinVote}: lower it, or use a stronger "
                        + $"learner."
                )
            );
        }
        var classes = sources.Append(target).Max(domain => domain.Space.Width);
        return made.HandOver(Pick(candidates, target, classes, context));
    }

    // Phase I on one source.
    private void Collect(LabeledDomain source, List<ILabelPredictor> candidates, Unfinished made, FitContext? context)
    {
        var weights = ClassErrors.Initial(source);
        for (var round = 0; round < Rounds; round++)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var weak = made.Add(learner.Fit(source.WithWeights((weights / weights.mean()).to(source.Inputs.dtype))));
            var wrong = ClassErrors.Wrong(weak, source);
            var error = ((weights * wrong).sum() / weights.sum()).item<double>();
            var vote = ClassErrors.Vote(error);
            if (vote > MinVote)
            {
                candidates.Add(weak);
            }
            else
            {
                made.Drop(weak);
            }
            if (error is <= 0 or >= 0.5)
            {
                break;
            }
            weights = (weights / weights.sum() * (wrong * (2 * vote)).exp()).MoveToOuterDisposeScope();
        }
    }

    // Phase II.
    private BoostedVote Pick(List<ILabelPredictor> candidates, LabeledDomain target, long classes, FitContext? context)
    {
        var wrong = stack([.. candidates.Select(candidate => ClassErrors.Wrong(candidate, target))]);
        var weights = ClassErrors.Initial(target);
        var (voters, rounds, open) = (
            new List<ILabelPredictor>(),
            new List<BoostingRound>(),
            Enumerable.Range(0, candidates.Count).ToList()
        );
        for (var round = 0; round < Rounds && open.Count > 0; round++)
        {
            using var roundScope = NewDisposeScope();
            var errors = (wrong.mv(weights) / weights.sum()).cpu().data<double>().ToArray();
            // Of two classes, always being wrong is as good as always being right.
            var best = open.MaxBy(i =>
                classes == 2 ? Math.Abs(ClassErrors.Vote(errors[i])) : ClassErrors.Vote(errors[i])
            );
            var vote = ClassErrors.Vote(errors[best]);
            var isUseless = classes == 2 ? vote == 0 : vote <= 0;
            if (isUseless && voters.Count > 0)
            {
                break;
            }
            open.Remove(best);
            voters.Add(candidates[best]);
            rounds.Add(new BoostingRound(errors[best], isUseless ? 1 - 1e-10 : Math.Exp(-2 * vote), 0));
            if (isUseless)
            {
                context?.Logger.LogWarning(
                    "no source's classifier reads more than half of the labeled target rows' weight rightly: the best "
                        + "of them answers alone, with an error of {Error:F3}. Label more target rows, or leave the "
                        + "sources away.",
                    errors[best]
                );
                break;
            }
            weights = (weights / weights.sum() * (wrong[best] * (2 * vote)).exp()).MoveToOuterDisposeScope();
        }
        return new BoostedVote(voters, rounds, firstVoter: 1, classes);
    }
}
