using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The rounds of TrAdaBoost, whatever a round's learner makes of the weights.</summary>
/// <param name="Rounds">The number of rounds N.</param>
/// <param name="ErrorCap">The cap of a round's error, below 1/2.</param>
/// <param name="IsDynamic">Whether source weights are multiplied by <c>2 (1 - e_t)</c> besides.</param>
internal sealed record TransferRounds(int Rounds, double ErrorCap, bool IsDynamic = false)
{
    /// <summary>Boosts.</summary>
    /// <param name="source">The source.</param>
    /// <param name="target">Labeled target rows.</param>
    /// <param name="fit">
    /// From the round's number, all rows (the source's first) and their shares of sum 1 to a predictor.
    /// </param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    public BoostedVote Fit(
        LabeledDomain source,
        LabeledDomain target,
        Func<int, LabeledDomain, Tensor, ILabelPredictor> fit,
        FitContext? context
    )
    {
        ClassErrors.Check([source], target);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var made = new Unfinished();
        var n = source.Count;
        var all = DomainPool.Labeled([source, target]);
        var weights = ClassErrors.Initial(all);
        var sourceBeta = 1 / (1 + Math.Sqrt(2 * Math.Log(n) / Rounds));
        var rounds = new List<BoostingRound>(Rounds);
        var voters = new List<ILabelPredictor>();
        var firstVoter = (int)Math.Ceiling(Rounds / 2.0);
        for (var round = 1; round <= Rounds; round++)
        {
            context?.Report((double)(round - 1) / Rounds);
            using var roundScope = NewDisposeScope();
            var shares = weights / weights.sum();
            var weak = made.Add(fit(round, all, shares));
            var wrong = ClassErrors.Wrong(weak, all);
            var targetShares = shares.narrow(0, n, target.Count);
            var error = ((targetShares * wrong.narrow(0, n, target.Count)).sum() / targetShares.sum()).item<double>();
            var capped = Math.Clamp(error, 1e-10, ErrorCap);
            var beta = capped / (1 - capped);
            rounds.Add(new BoostingRound(error, beta, shares.narrow(0, 0, n).sum().item<double>()));
            if (round >= firstVoter)
            {
                voters.Add(weak);
            }
            else
            {
                made.Drop(weak);
            }
            var exponents = cat([full(n, Math.Log(sourceBeta), float64), full(target.Count, -Math.Log(beta), float64)]);
            weights = (shares * (wrong * exponents.to(wrong.device)).exp()).MoveToOuterDisposeScope();
            if (IsDynamic)
            {
                weights.narrow(0, 0, n).mul_(2 * (1 - capped));
            }
        }
        return made.HandOver(new BoostedVote(voters, rounds, firstVoter, source.Space.Width));
    }
}
