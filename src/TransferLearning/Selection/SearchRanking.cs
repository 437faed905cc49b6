using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Ranks candidates by the fits of one round: every score and seed is a vote.</summary>
internal static class SearchRanking
{
    private const int Draws = 200;

    /// <summary>The candidates, the best first.</summary>
    public static IReadOnlyList<RankedCandidate> Of(
        IReadOnlyList<AdaptationCandidate> candidates,
        IReadOnlyList<long> seeds,
        int scores,
        IReadOnlyList<SearchedFit> fits
    )
    {
        // Ranks [candidate][vote], a vote for each score and seed.
        var votes = (
            from seed in seeds
            from score in Enumerable.Range(0, scores)
            select BackboneAdvisor.Ranks([
                .. candidates.Select(candidate => Fits(candidate).Single(fit => fit.Seed == seed).Value(score)),
            ])
        ).ToList();
        return
        [
            .. candidates
                .Select(
                    (candidate, i) =>
                    {
                        double[] ranks = [.. votes.Select(vote => vote[i])];
                        var (low, high) = Interval(ranks);
                        return new RankedCandidate(
                            candidate.Name,
                            ranks.Average(),
                            low,
                            high,
                            [.. Enumerable.Range(0, scores).Select(score => Mean(Fits(candidate), score))],
                            Fits(candidate).FirstOrDefault(fit => fit.Fault is not null)?.Fault
                        )
                        {
                            Share = Fits(candidate).First().Share,
                        };
                    }
                )
                .OrderBy(candidate => candidate.MeanRank)
                .ThenBy(candidate => candidate.Name, StringComparer.Ordinal),
        ];

        IEnumerable<SearchedFit> Fits(AdaptationCandidate candidate) =>
            fits.Where(fit => fit.Candidate == candidate.Name);
    }

    private static double Mean(IEnumerable<SearchedFit> fits, int score) =>
        fits.Where(fit => fit.Fault is null)
            .Select(fit => fit.Values[score])
            .Where(value => !double.IsNaN(value))
            .DefaultIfEmpty(double.NaN)
            .Average();

    private static (double Low, double High) Interval(double[] ranks)
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(0).Generator();
        long[] drawn = [.. randint(0, ranks.Length, [Draws * ranks.Length], generator: generator).data<long>()];
        double[] means = [.. drawn.Chunk(ranks.Length).Select(draw => draw.Average(i => ranks[i])).Order()];
        return (means[Draws / 20], means[Draws - 1 - (Draws / 20)]);
    }
}
