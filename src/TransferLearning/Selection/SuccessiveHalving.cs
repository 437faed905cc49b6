namespace TransferLearning.Selection;

/// <summary>
/// Successive halving: all candidates get a small share of the training, the better part of them a larger one, and so
/// on; only the last few are trained whole.
/// </summary>
/// <remarks>
/// <para>
/// With n candidates, factor f and s rounds above the first, <c>s = floor(log(1 / LeastShare) / log f)</c>, round i
/// fits the best <c>max(1, floor(n / f^i))</c> candidates with the share <c>f^(i - s)</c> of their epochs, or steps
/// (Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter Optimization"; a bracket of
/// Hyperband, Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018). Every round costs about as much as n short fits:
/// nine candidates and a factor of 3 take the training of three whole ones. Each fit starts anew, so that its schedules
/// run their whole course, over fewer steps.
/// </para>
/// <para>
/// Give it candidates whose training is of one kind: what learns fast looks better in the early rounds, and what is not
/// trained by steps, a map with a classifier for instance, is whole from the first round on.
/// </para>
/// </remarks>
public sealed record SuccessiveHalving
{
    // A whole power of the factor must count as one, whatever its logarithm rounds to.
    private const double Rounding = 1e-9;

    /// <summary>
    /// By how much a round lessens the number of candidates and lengthens their training, at least 2. Default 3.
    /// </summary>
    [OptionRange(AtLeast = 2)]
    public int Factor { get; init; } = 3;

    /// <summary>The share of the training that the first round gets at the least. Default one ninth.</summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double LeastShare { get; init; } = 1.0 / 9;

    /// <summary>The rounds: how many candidates, and what share of the training.</summary>
    /// <param name="candidates">How many candidates there are.</param>
    internal IReadOnlyList<(int Candidates, double Share)> Rounds(int candidates)
    {
        var above = (int)Math.Floor((Math.Log(1 / LeastShare) / Math.Log(Factor)) + Rounding);
        return
        [
            .. Enumerable
                .Range(0, above + 1)
                .Select(i =>
                    (
                        Candidates: (int)Math.Max(1, Math.Floor(candidates / Math.Pow(Factor, i))),
                        Share: Math.Pow(Factor, i - above)
                    )
                )
                // A single one has nobody to be compared with before its last round.
                .Where((round, i) => round.Candidates > 1 || i == above),
        ];
    }

    /// <summary>Options with a share of the training: at least one epoch, or step.</summary>
    internal static FitOptions Shortened(FitOptions options, double share)
    {
        if (share >= 1 || options.Training is not { } training)
        {
            return options;
        }
        var epochs = (int)Math.Max(1, Math.Round(training.Epochs * share));
        return options with
        {
            Training = training with
            {
                Epochs = epochs,
                Steps = training.Steps is { } steps ? (long)Math.Max(1, Math.Round(steps * share)) : null,
                ValidateEvery = training.Steps is null
                    ? Math.Min(training.ValidateEvery, epochs)
                    : training.ValidateEvery,
            },
        };
    }
}
