namespace TransferLearning.Selection;

/// <summary>A candidate's place in a search.</summary>
/// <param name="Name">The candidate.</param>
/// <param name="MeanRank">Its mean rank over scores and seeds; 1 is the best.</param>
/// <param name="Low">The lower end of the mean rank's 90 % interval, by drawing scores and seeds again.</param>
/// <param name="High">The upper end.</param>
/// <param name="Values">Its mean over seeds by each score, in the scores' order; NaN where every fit failed.</param>
/// <param name="Fault">Why a fit of it failed, or null. A failed fit ranks behind all others.</param>
public sealed record RankedCandidate(
    string Name,
    double MeanRank,
    double Low,
    double High,
    IReadOnlyList<double> Values,
    string? Fault
)
{
    /// <summary>
    /// The share of the training that it got in the last round that it was in, 1 where it was trained whole. Its ranks
    /// are among the candidates of that round (<see cref="SuccessiveHalving"/>).
    /// </summary>
    public double Share { get; init; } = 1;
}
