using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>The fits of a search, one after the other or side by side.</summary>
/// <param name="search">What is searched.</param>
/// <param name="domains">The domains.</param>
/// <param name="options">Options of all fits.</param>
/// <param name="journal">Where finished fits stand.</param>
/// <param name="total">How many fits there will be.</param>
/// <param name="progress">Hears of every fit.</param>
/// <param name="cancellation">Stops the search.</param>
internal sealed class SearchRun(
    AdaptationSearch search,
    DomainSet domains,
    FitOptions options,
    SearchJournal journal,
    int total,
    IProgress<SearchProgress>? progress,
    CancellationToken cancellation
)
{
    private readonly Lock reporting = new();
    private readonly object randomness = new(); // a monitor, because a thread may enter it again
    private int done;

    /// <summary>Fits every candidate for every seed with a share of the training.</summary>
    public IReadOnlyList<SearchedFit> Round(IReadOnlyList<AdaptationCandidate> candidates, double share)
    {
        (AdaptationCandidate Candidate, long Seed)[] wanted =
        [
            .. from candidate in candidates from seed in search.Seeds select (candidate, seed),
        ];
        var fits = new SearchedFit?[wanted.Length];
        if (search.Parallelism > 1)
        {
            SideBySide(wanted, share, fits);
        }
        // What found too little memory beside others gets all of it.
        for (var i = 0; i < wanted.Length; i++)
        {
            fits[i] ??= One(wanted[i].Candidate, wanted[i].Seed, share, isAlone: true);
        }
        return fits!;
    }

    /// <summary>Fits a candidate with its whole training.</summary>
    public static AdaptedModel Whole(
        AdaptationCandidate candidate,
        DomainSet domains,
        FitOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation
    ) =>
        SeededChain.Fit(
            () => candidate.Made(options),
            options.Seed,
            chain => chain.Fit(domains.Sources, domains.Target, options, progress, cancellation)
        );

    private void SideBySide((AdaptationCandidate Candidate, long Seed)[] wanted, double share, SearchedFit?[] fits)
    {
        var faults = new Exception?[wanted.Length];
        var around = Canceling.Token;
        var (next, isStopped) = (-1, false);
        Task.WaitAll([
            .. Enumerable
                .Range(0, Math.Min(search.Parallelism, wanted.Length))
                .Select(_ =>
                    Task.Factory.StartNew(
                        Work,
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                ),
        ]);
        if (Array.Find(faults, fault => fault is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        // A thread of its own, so that fits begin at once and each takes the next one.
        void Work()
        {
            using var canceling = Canceling.By(around);
            using var shared = GlobalRandomness.Shared(randomness);
            for (
                var i = Interlocked.Increment(ref next);
                i < wanted.Length && !Volatile.Read(ref isStopped);
                i = Interlocked.Increment(ref next)
            )
            {
                try
                {
                    fits[i] = One(wanted[i].Candidate, wanted[i].Seed, share, isAlone: false);
                }
                catch (InsufficientMemoryException)
                {
                    // It comes again, alone.
                }
                catch (Exception fault)
                {
                    faults[i] = fault;
                    Volatile.Write(ref isStopped, true);
                }
            }
        }
    }

    private SearchedFit One(AdaptationCandidate candidate, long seed, double share, bool isAlone)
    {
        cancellation.ThrowIfCancellationRequested();
        var fit = journal.Find(candidate.Name, seed, share);
        if (fit is null)
        {
            fit = Fit(candidate, seed, share, isAlone);
            journal.Add(fit);
        }
        lock (reporting)
        {
            progress?.Report(new SearchProgress(candidate.Name, seed, ++done, total));
        }
        return fit;
    }

    private SearchedFit Fit(AdaptationCandidate candidate, long seed, double share, bool isAlone)
    {
        using var scope = NewDisposeScope();
        var own = SuccessiveHalving.Shortened(candidate.Options ?? options, share) with { Seed = seed };
        var isFitting = false;
        try
        {
            return new SearchedFit(
                candidate.Name,
                seed,
                search.LeavesOneSourceOut ? Rehearsed() : Judged(),
                Fault: null,
                share
            );
        }
        catch (Exception fault)
            when (IsOfTheData(fault, isFitting) && (isAlone || fault is not InsufficientMemoryException))
        {
            own.Logger.LogWarning("{Candidate}, seed {Seed}: {Fault}", candidate.Name, seed, fault.Message);
            return new SearchedFit(candidate.Name, seed, [], fault.Message, share);
        }

        AdaptedModel Fitted(DomainSet to) =>
            SeededChain.Fit(
                () => candidate.Made(own),
                seed,
                chain =>
                {
                    isFitting = true;
                    var model = chain.Fit(to.Sources, to.Target, own, cancellationToken: cancellation);
                    isFitting = false;
                    return model;
                }
            );

        double[] Judged()
        {
            using var model = Fitted(domains);
            using var canceling = Canceling.By(cancellation);
            var judged = own.Device is { } device ? DomainMoves.To(domains, device) : domains;
            return [.. search.Scores.Select(score => score.Score(model.Extractor, model.Predictor, judged))];
        }

        double[] Rehearsed() =>
            [
                .. domains.Sources.Select(
                    (held, i) =>
                    {
                        using var inner = NewDisposeScope();
                        var others = domains.Sources.Where((_, other) => other != i);
                        using var model = Fitted(new DomainSet([.. others], held.WithoutLabels()));
                        using var canceling = Canceling.By(cancellation);
                        return Accuracy(model, held);
                    }
                ),
            ];
    }

    private static double Accuracy(AdaptedModel model, LabeledDomain held)
    {
        Tensor[] batches = [.. model.PredictBatches(held.Rows).Select(scores => scores.argmax(1).cpu())];
        return cat([zeros(0, int64), .. batches]).eq(held.Labels.cpu()).to(float64).mean().ToDouble();
    }

    // What a fit still refuses after the checks of its chain, a singular matrix for instance, lies in the data.
    private static bool IsOfTheData(Exception fault, bool isFitting) =>
        fault
            is DivergenceException
                or NotFiniteNumberException
                or InvalidOperationException
                or InsufficientMemoryException
        || (isFitting && fault is ArgumentException and not InvalidAdaptationException);
}
