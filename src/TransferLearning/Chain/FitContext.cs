using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransferLearning.Internal;

namespace TransferLearning;

/// <summary>What a shallow fit may use of the run around it: randomness, cancellation, a log and progress.</summary>
public sealed record FitContext
{
    /// <summary>The root of all random draws of this fit.</summary>
    public RandomKey Key { get; init; } = new(0);

    /// <summary>Stops the fit between two pieces of work.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Where warnings go.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Hears the share of the work that is done, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>
    /// Stops the fit that runs on this thread: for extractors, predictors and learners, whose calls carry no token and
    /// may take long. Outside of fits nothing stops it.
    /// </summary>
    public static CancellationToken CurrentCancellation => Canceling.Token;

    /// <summary>A context with a seed and nothing else.</summary>
    public static FitContext Seeded(long seed) => new() { Key = new RandomKey(seed) };

    /// <summary>Reports the share done and throws if the fit was canceled.</summary>
    /// <param name="done">From 0 to 1.</param>
    /// <exception cref="OperationCanceledException">The fit was canceled.</exception>
    public void Report(double done)
    {
        Cancellation.ThrowIfCancellationRequested();
        Progress?.Report(done);
    }
}
