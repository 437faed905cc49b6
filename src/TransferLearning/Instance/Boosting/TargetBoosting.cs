using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// AdaBoost.R2 that leaves the weights of the first rows, the source's, as they are, and may take an expert's word
/// instead of a new learner's.
/// </summary>
/// <remarks>
/// Drucker 1997, "Improving Regressors Using Boosting Techniques", as changed by Pardoe and Stone 2010: with the
/// weighted error e over all rows and <c>beta = e / (1 - e)</c> target rows are multiplied by <c>beta^(1 - e_i)</c> and
/// brought back to their sum. It ends at an error of 1/2.
/// </remarks>
internal static class TargetBoosting
{
    /// <param name="learner">The weak learner.</param>
    /// <param name="rounds">The most rounds.</param>
    /// <param name="all">The source's rows, then the target's.</param>
    /// <param name="n">How many are the source's.</param>
    /// <param name="start">The first shares of all rows, of sum 1.</param>
    /// <param name="context">Cancellation.</param>
    /// <param name="experts">
    /// Finished predictors that stand against every new one; those that no round chose stay with the caller.
    /// </param>
    public static WeightedMedian Fit(
        ILabelLearner learner,
        int rounds,
        LabeledDomain all,
        long n,
        Tensor start,
        FitContext context,
        params IReadOnlyList<ILabelPredictor> experts
    )
    {
        using var scope = NewDisposeScope();
        using var made = new Unfinished();
        var shares = start;
        var (source, mass) = (start.narrow(0, 0, n), start.narrow(0, n, all.Count - n).sum());
        var standing = experts.Select(expert => (Predictor: expert, Errors: RegressionErrors.Of(expert, all))).ToList();
        var record = new List<BoostingRound>(rounds);
        var weak = new List<ILabelPredictor>(rounds);
        for (var round = 0; round < rounds; round++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var own = made.Add(learner.Fit(RegressionErrors.Weighted(all, shares)));
            var (fitted, errors, error) = Best([(own, RegressionErrors.Of(own, all)), .. standing], shares);
            var isUseless = error >= 0.5;
            var isKept = !isUseless || weak.Count == 0;
            if (!isKept || !ReferenceEquals(fitted, own))
            {
                made.Drop(own);
            }
            if (!isKept)
            {
                break;
            }
            var beta = isUseless ? 1 - 1e-10 : Math.Max(1e-10, error) / (1 - error);
            weak.Add(fitted);
            record.Add(new BoostingRound(error, beta, source.sum().item<double>()));
            if (isUseless)
            {
                break;
            }
            var moved =
                shares.narrow(0, n, all.Count - n) * ((1 - errors.narrow(0, n, all.Count - n)) * Math.Log(beta)).exp();
            shares = cat([source, moved * (mass / moved.sum())]).MoveToOuterDisposeScope();
        }
        return made.HandOver(Voting(weak, record));
    }

    private static (ILabelPredictor Predictor, Tensor Errors, double Error) Best(
        List<(ILabelPredictor Predictor, Tensor Errors)> candidates,
        Tensor shares
    ) =>
        candidates
            .Select(candidate =>
                (candidate.Predictor, candidate.Errors, Error: (shares * candidate.Errors).sum().item<double>())
            )
            .MinBy(candidate => candidate.Error);

    // An expert that was chosen in several rounds votes once, with the sum.
    private static WeightedMedian Voting(List<ILabelPredictor> weak, List<BoostingRound> record)
    {
        var votes = weak.Zip(record, (voter, round) => (Voter: voter, Vote: -Math.Log(round.Beta)))
            .GroupBy(pair => pair.Voter, pair => pair.Vote, ReferenceEqualityComparer.Instance)
            .ToList();
        return new WeightedMedian(
            [.. votes.Select(group => (ILabelPredictor)group.Key!)],
            [.. votes.Select(group => group.Sum())],
            record
        );
    }
}
