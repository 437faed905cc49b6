using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// MultiSource-TrAdaBoost: boosting that, each round, learns from the target together with the one source that helps
/// most.
/// </summary>
/// <remarks>
/// Yao and Doretto 2010, "Boosting for Transfer Learning with Multiple Sources", algorithm 1. Each of N rounds fits the
/// weak learner to every source together with the target, under the normalized weights; the one with the least weighted
/// target error e counts, with <c>a = 1/2 ln((1 - e) / e)</c>. For labels of +-1 the paper's <c>|h - y|</c> is 0 or 2:
/// target rows that it misreads are multiplied by <c>exp(2 a)</c>, source rows by <c>exp(-2 a_s)</c>,
/// <c>a_s = 1/2 ln(1 + sqrt(2 ln n / N))</c> for n source rows in all. With one source these are the weights of
/// <see cref="TrAdaBoost"/>. All rounds vote with a. A source that contradicts the target is not chosen, and fades.
/// </remarks>
/// <param name="learner">The weak learner; it must honor example weights.</param>
public sealed class MultiSourceTrAdaBoost(ILabelLearner learner) : IAdaptationStage
{
    private readonly ILabelLearner learner = learner ?? throw new ArgumentNullException(nameof(learner));

    /// <summary>The number of rounds N. Default 20.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 20;

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
        var vote = run.Fitted("vote", () => Fit(domains.Sources, domains.LabeledTarget!, run.Context));
        return embedded.With(null, vote);
    }

    /// <summary>Boosts over several sources and a few labeled target rows.</summary>
    /// <param name="sources">
    /// Source rows <c>[n_k, d]</c> with class labels; weights, where given, are the initial ones.
    /// </param>
    /// <param name="target">Labeled target rows <c>[m, d]</c>, likewise.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>The voting predictor, with the record of the rounds; the caller disposes it.</returns>
    public BoostedVote Fit(IReadOnlyList<LabeledDomain> sources, LabeledDomain target, FitContext? context = null)
    {
        ClassErrors.Check(sources, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var pools = sources.Select(source => DomainPool.Labeled([source, target])).ToList();
        var weights = sources.Append(target).Select(ClassErrors.Initial).ToList();
        var fade = Math.Log(1 + Math.Sqrt(2 * Math.Log(sources.Sum(source => source.Count)) / Rounds)); // 2 a_s
        var rounds = new List<BoostingRound>(Rounds);
        var voters = new List<ILabelPredictor>(Rounds);
        for (var round = 0; round < Rounds; round++)
        {
            context?.Report((double)round / Rounds);
            using var roundScope = NewDisposeScope();
            var total = weights.Select(part => part.sum()).Aggregate((sum, next) => sum + next);
            var shares = weights.Select(part => part / total).ToList();
            var (weak, error) = Best(pools, shares, target, made);
            var capped = Math.Clamp(error, 1e-10, ErrorCap);
            var vote = 2 * ClassErrors.Vote(capped); // 2 a
            voters.Add(weak);
            rounds.Add(new BoostingRound(error, Math.Exp(-vote), 1 - shares[^1].sum().item<double>()));
            var moved = sources
                .Select((source, k) => shares[k] * (ClassErrors.Wrong(weak, source) * -fade).exp())
                .Append(shares[^1] * (ClassErrors.Wrong(weak, target) * vote).exp());
            weights = [.. moved.Select(part => part.MoveToOuterDisposeScope())];
        }
        return made.HandOver(new BoostedVote(voters, rounds, firstVoter: 1, target.Space.Width));
    }

    private (ILabelPredictor Weak, double Error) Best(
        List<LabeledDomain> pools,
        List<Tensor> shares,
        LabeledDomain target,
        Unfinished made
    )
    {
        (ILabelPredictor? Weak, double Error) best = (null, double.PositiveInfinity);
        for (var k = 0; k < pools.Count; k++)
        {
            var own = cat([shares[k], shares[^1]]);
            var weak = made.Add(learner.Fit(pools[k].WithWeights((own / own.mean()).to(pools[k].Inputs.dtype))));
            var error = ((shares[^1] * ClassErrors.Wrong(weak, target)).sum() / shares[^1].sum()).item<double>();
            var worse = error < best.Error ? best.Weak : weak;
            best = error < best.Error ? (weak, error) : best;
            made.Drop(worse);
        }
        return (best.Weak!, best.Error);
    }
}
