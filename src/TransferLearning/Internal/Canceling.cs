namespace TransferLearning.Internal;

/// <summary>
/// The wish to stop of the run on this thread, for long work below contracts that carry no token: learners,
/// factorizations, maps of rows.
/// </summary>
/// <remarks>A run inside another one, that of a learner which trains a network for instance, stops for both.</remarks>
internal sealed class Canceling : IDisposable
{
    [ThreadStatic]
    private static Canceling? current;

    private readonly Canceling? outer;
    private readonly CancellationToken token;
    private readonly bool isPause;
    private CancellationTokenSource? both; // of this run and those around it, where a call asks for a token

    private Canceling(CancellationToken token, bool isPause = false) =>
        (this.token, this.isPause, outer, current) = (token, isPause, current, this);

    /// <summary>A token rules this thread until the result is disposed.</summary>
    public static Canceling By(CancellationToken token) => new(token);

    /// <summary>The token of a fit, where it has a context, rules this thread until the result is disposed.</summary>
    public static Canceling By(FitContext? context) => new(context?.Cancellation ?? default);

    /// <summary>
    /// Until the result is disposed <see cref="Check"/> does not throw for the runs around it: processes that share
    /// steps stop together, where they ask <see cref="IsAsked"/>.
    /// </summary>
    public static Canceling Paused() => new(default, isPause: true);

    /// <summary>Whether the run on this thread was canceled.</summary>
    public static bool IsAsked
    {
        get
        {
            for (var run = current; run is not null; run = run.outer)
            {
                if (run.token.IsCancellationRequested)
                {
                    return true;
                }
            }
            return false;
        }
    }

    /// <summary>What <see cref="Check"/> looks at, as one token: for calls that are stopped in their middle.</summary>
    public static CancellationToken Token => current?.OfAll() ?? default;

    /// <summary>Throws where the run on this thread was canceled; does nothing outside of runs.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public static void Check()
    {
        for (var run = current; run is { isPause: false }; run = run.outer)
        {
            run.token.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        both?.Dispose();
        current = outer;
    }

    private CancellationToken OfAll()
    {
        var around = isPause ? default : outer?.OfAll() ?? default;
        if (!token.CanBeCanceled || token == around)
        {
            return around;
        }
        if (!around.CanBeCanceled)
        {
            return token;
        }
        both ??= CancellationTokenSource.CreateLinkedTokenSource(token, around);
        return both.Token;
    }
}
