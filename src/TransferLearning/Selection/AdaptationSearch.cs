using System.Globalization;
using TransferLearning.Internal;

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
/// <para>
/// A fit depends on its candidate, its seed and its share of the training alone: modules that a candidate makes without
/// a seed of their own draw their first values by the fit's. So the result is the same in any order, side by side, and
/// after a kill, bit for bit on the CPU.
/// </para>
/// </remarks>
public sealed class AdaptationSearch
{
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

    /// <summary>
    /// Rounds in which more and more training goes to fewer and fewer candidates; null, the default, trains all of them
    /// whole.
    /// </summary>
    public SuccessiveHalving? Halving { get; init; }

    /// <summary>
    /// Whether candidates are judged by a rehearsal in place of <see cref="Scores"/>: each source in turn plays the
    /// target, a fit sees its rows without labels and the other sources with theirs, and the accuracy on it is a vote.
    /// Needs two sources at least; costs a fit for each of them. Default false.
    /// </summary>
    public bool LeavesOneSourceOut { get; init; }

    /// <summary>How many fits are made at a time, at least 1. Default 1.</summary>
    /// <remarks>
    /// Chains that train modules take turns, because dropout draws from one generator in a process; all others run
    /// beside them. A fit that finds too little memory beside others is made again when they are done. Each fit uses
    /// libtorch's threads: with as many fits as cores, <c>torch.set_num_threads(1)</c> is faster. Scores and the logger
    /// are called on several threads at once; chains are made, and progress is told, one at a time.
    /// </remarks>
    [OptionRange(AtLeast = 1)]
    public int Parallelism { get; init; } = 1;

    /// <summary>Fits, scores and ranks all candidates.</summary>
    /// <param name="sources">Labeled examples.</param>
    /// <param name="target">Examples of the domain that the model is for.</param>
    /// <param name="options">Options of all fits, the seed excepted; null for the defaults.</param>
    /// <param name="progress">Hears of every fit that is done.</param>
    /// <param name="cancellationToken">Stops the search; what is in the journal stays.</param>
    /// <exception cref="ArgumentException">
    /// There is no candidate, score or seed, a candidate lacks its name or chain, two candidates or two scores have
    /// one name, a seed stands twice, or one source is to be left out of fewer than two.
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
        CheckRehearsal(sources);
        var names = Names(domains);
        var journal = new SearchJournal(Journal, names, LeavesOneSourceOut ? [] : Scores, domains, options);
        var rounds = Halving?.Rounds(Candidates.Count) ?? [(Candidates.Count, 1.0)];
        var total = rounds.Sum(round => round.Candidates) * Seeds.Count;
        var run = new SearchRun(this, domains, options, journal, total, progress, cancellationToken);
        var ranking = new List<RankedCandidate>();
        var remaining = Candidates;
        foreach (var (count, share) in rounds)
        {
            // Those that do not go on stay behind all that do.
            var going = ranking.Take(count).Select(ranked => ranked.Name).ToHashSet(StringComparer.Ordinal);
            remaining = ranking.Count == 0 ? Candidates : [.. Candidates.Where(one => going.Contains(one.Name))];
            var fits = run.Round(remaining, share);
            ranking = [.. SearchRanking.Of(remaining, Seeds, names.Length, fits), .. ranking.Skip(count)];
        }
        return new SearchResult(ranking, names)
        {
            Seeds = Seeds,
            Fits = (name, seed, heard, stop) =>
            {
                var candidate = Candidates.Single(one => one.Name == name);
                var own = (candidate.Options ?? options) with { Seed = seed };
                return SearchRun.Whole(candidate, domains, own, heard, stop);
            },
        };
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

    private string[] Names(DomainSet domains) =>
        LeavesOneSourceOut
            ? [.. domains.Sources.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"source {i} left out"))]
            : [.. Scores.Select(score => score.Name)];

    private void CheckRehearsal(IReadOnlyList<LabeledDomain> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (!LeavesOneSourceOut)
        {
            return;
        }
        if (sources.Count < 2)
        {
            throw new ArgumentException(
                $"sources must be two at least, where one is left out to be judged on; got {sources.Count}.",
                nameof(sources)
            );
        }
        if (sources.FirstOrDefault(source => source is not { Space.IsClasses: true }) is { } other)
        {
            throw new ArgumentException(
                $"sources must have classes, where one is left out and its accuracy judges; one has {other.Space}.",
                nameof(sources)
            );
        }
    }

    private void Check(FitOptions options)
    {
        Guard.Options(this);
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
        if (Halving is not null)
        {
            Guard.Options(Halving);
        }
        SeveralFits.RefuseCheckpoints(options);
        foreach (var candidate in Candidates)
        {
            SeveralFits.RefuseCheckpoints(candidate.Options);
        }

        static string? Twice(IEnumerable<string> names) =>
            names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1)?.Key;
    }
}
