using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>AdaBoost.R2 that leaves the weights of the first rows, the source's, as they are.</summary>
/// <remarks>
/// Drucker 1997, "Improving Regressors Using Boosting Techniques", as changed by Pardoe and Stone 2010: with the weighted error e over all rows and
/// <c>beta = e / (1 - e)</c> target rows are multiplied by <c>beta^(1 - e_i)</c> and brought back to their sum. It ends at an error of 1/2.
/// </remarks>
internal static class TargetBoosting
{
    public static WeightedMedian Fit(ILabelLearner learner, int rounds, LabelledDomain all, long n, Tensor start)
    {
        using var scope = NewDisposeScope();
        var shares = start;
        var (source, mass) = (start.narrow(0, 0, n), start.narrow(0, n, all.Count - n).sum());
        var record = new List<BoostingRound>(rounds);
        var weak = new List<ILabelPredictor>(rounds);
        for (var round = 0; round < rounds; round++)
        {
            using var roundScope = NewDisposeScope();
            var fitted = learner.Fit(RegressionErrors.Weighted(all, shares));
            var errors = RegressionErrors.Of(fitted, all);
            var error = (shares * errors).sum().item<double>();
            var isUseless = error >= 0.5;
            if (isUseless && weak.Count > 0)
            {
                (fitted as IDisposable)?.Dispose();
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
        return new WeightedMedian(weak, [.. record.Select(round => -Math.Log(round.Beta))], record);
    }
}
