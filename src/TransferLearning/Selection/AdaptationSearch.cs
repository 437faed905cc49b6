using Microsoft.Extensions.Logging;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Tries methods and settings and ranks them without a target label: each is fitted for each seed, and several
/// validators judge it.
/// </summary>
/// <remarks>
/// <para>
/// Validators have no common unit, and each can be fooled. So every validator ranks the candidates for every seed, and
/// the mean rank decides; drawing validators and seeds again gives an interval for it (200 draws). Where intervals
/// overlap, the data do not say which is better: <see cref="SearchResult.NotWorse"/>.
/// </para>
/// <para>
/// Put a source-only chain among the candidates. Where it wins, adaptation is not to be trusted on these domains.
/// </para>
/// </remarks>
public sealed class AdaptationSearch
{
    private const int Draws = 200;

    /// <summary>The candidates, with names of their own.</summary>
    public required IReadOnlyList<AdaptationCandidate> Candidates { get; init; }

    /// <summary>The validators. Default IM, BNM and the silhouette of the predicted classes.</summary>
    public IReadOnlyList<IModelScore> Scores { get; init; } =
    [new PredictionInformation(), new PredictionNuclearNorm(), new ClusterSilhouette()];

    /// <summary>The seeds; each candidate is fitted once for each. Default 0.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0];

    /// <summary>
    /// A file to which every finished fit is written at once, so that a search that was killed goes on where it
    /// stopped; null, the default, for none. It is for one search: other data, options or scores are refused. A
    /// candidate is known by its name, so give one that has changed another name.
    /// </summary>
    public string? Journal { get; init; }

    /// <summary>Fits, scores and ranks all candidates.</summary>
    /// <param name="sources">Labeled examples.</param>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="options">Options of all fits, the seed excepted; null for the defaults.</param>
    /// <param name="progress">Hears of every fit that is done.</param>
    /// <param name="cancellationToken">Stops the search; what is in the journal stays.</param>
    /// <exception cref="ArgumentException">
    /// There is no candidate, score or seed, a candidate lacks its name or chain, two candidates or two scores have
    /// one name, or a seed stands twice.
    /// </exception>
    /// <exception cref="InvalidAdaptationException">A chain does not fit the domains.</exception>
    /// <exception cref="InvalidDataException">The journal is of another search.</exception>
    /// <exception cref="OperationCanceledException">The search was canceled.</exception>
    public SearchResult Run(
        IReadOnlyList<LabeledDomain> sources,
        UnlabeledDomain target,
        FitOptions? options = null,
        IProgress<SearchProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new FitOptions();
        Check(options);
        var domains = new DomainSet(sources, target);
        var journal = new SearchJournal(Journal, Scores, domains, options);
        var fits = new List<SearchedFit>();
        foreach (var candidate in Candidates)
        {
            foreach (var seed in Seeds)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var fit = journal.Find(candidate.Name, seed);
                if (fit is null)
                {
                    fit = Fit(candidate, seed, domains, candidate.Options ?? options, cancellationToken);
                    journal.Add(fit);
                }
                fits.Add(fit);
                progress?.Report(new SearchProgress(candidate.Name, seed, fits.Count, Candidates.Count * Seeds.Count));
            }
        }
        return new SearchResult(Ranked(fits), [.. Scores.Select(score => score.Name)]);
    }

    /// <summary>Fits, scores and ranks all candidates on one source.</summary>
    /// <inheritdoc cref="Run(IReadOnlyList{LabeledDomain}, UnlabeledDomain, FitOptions?, IProgress{SearchProgress}?, CancellationToken)" path="/exception"/>
    /// <param name="source">Labeled examples.</param>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="options">Options of all fits, the seed excepted; null for the defaults.</param>
    /// <param name="progress">Hears of every fit that is done.</param>
    /// <param name="cancellationToken">Stops the search; what is in the journal stays.</param>
    public SearchResult Run(
        LabeledDomain source,
        UnlabeledDomain target,
        FitOptions? options = null,
        IProgress<SearchProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => Run([source], target, options, progress, cancellationToken);

    private void Check(FitOptions options)
    {
        ArgumentNullException.ThrowIfNull(Candidates);
        if (Candidates.Count == 0 || Scores.Count == 0 || Seeds.Count == 0)
        {
            throw new ArgumentException(
                $"a search needs candidates, scores and seeds; got {Candidates.Count}, {Scores.Count} and "
                    + $"{Seeds.Count}."
            );
        }
        if (Candidates.Any(candidate => candidate is not { Name: not null, Chain: not null }))
        {
            throw new ArgumentException("every candidate needs a name and a chain; one has none.");
        }
        if (Seeds.Distinct().Count() < Seeds.Count)
        {
            throw new ArgumentException(
                $"seeds must differ, each is a fit of its own; got {string.Join(", ", Seeds)}."
            );
        }
        var twice = Twice(Candidates.Select(candidate => candidate.Name)) ?? Twice(Scores.Select(score => score.Name));
        if (twice is not null)
        {
            throw new ArgumentException($"two candidates, or two scores, have the name '{twice}'.");
        }
        foreach (var score in Scores)
        {
            Guard.Options(score);
        }
        SeveralFits.RefuseCheckpoints(options);
        foreach (var candidate in Candidates)
        {
            SeveralFits.RefuseCheckpoints(candidate.Options);
        }

        static string? Twice(IEnumerable<string> names) =>
            names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1)?.Key;
    }

    private SearchedFit Fit(
        AdaptationCandidate candidate,
        long seed,
        DomainSet domains,
        FitOptions options,
        CancellationToken cancellationToken
    )
    {
        using var scope = NewDisposeScope();
        var isFitting = false;
        try
        {
            var chain = candidate.Chain();
            isFitting = true;
            using var model = chain.Fit(
                domains.Sources,
                domains.Target,
                options with
                {
                    Seed = seed,
                },
                cancellationToken: cancellationToken
            );
            isFitting = false;
            using var canceling = Canceling.By(cancellationToken);
            var judged = options.Device is { } device ? DomainMoves.To(domains, device) : domains;
            return new SearchedFit(
                candidate.Name,
                seed,
                [.. Scores.Select(score => score.Score(model.Extractor, model.Predictor, judged))],
                Fault: null
            );
        }
        catch (Exception fault) when (IsOfTheData(fault, isFitting))
        {
            options.Logger.LogWarning("{Candidate}, seed {Seed}: {Fault}", candidate.Name, seed, fault.Message);
            return new SearchedFit(candidate.Name, seed, [], fault.Message);
        }
    }

    // What a fit still refuses after the checks of its chain, a singular matrix for instance, lies in the data.
    private static bool IsOfTheData(Exception fault, bool isFitting) =>
        fault
            is DivergenceException
                or NotFiniteNumberException
                or InvalidOperationException
                or InsufficientMemoryException
        || (isFitting && fault is ArgumentException and not InvalidAdaptationException);

    private List<RankedCandidate> Ranked(List<SearchedFit> fits)
    {
        // Ranks [candidate][vote], a vote for each score and seed.
        var votes = (
            from seed in Seeds
            from score in Enumerable.Range(0, Scores.Count)
            select BackboneAdvisor.Ranks([
                .. Candidates.Select(candidate => Fits(candidate).Single(fit => fit.Seed == seed).Value(score)),
            ])
        ).ToList();
        return
        [
            .. Candidates
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
                            [.. Enumerable.Range(0, Scores.Count).Select(score => Mean(Fits(candidate), score))],
                            Fits(candidate).FirstOrDefault(fit => fit.Fault is not null)?.Fault
                        );
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
