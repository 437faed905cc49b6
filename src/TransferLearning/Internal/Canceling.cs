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

    private Canceling(CancellationToken token, bool isPause = false) =>
        (this.token, this.isPause, outer, current) = (token, isPause, current, this);

    /// <summary>A token rules this thread until the result is disposed.</summary>
    public static Canceling By(CancellationToken token) => new(token);

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

    /// <summary>Throws where the run on this thread was canceled; does nothing outside of runs.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    public static void Check()
    {
        for (var run = current; run is { isPause: false }; run = run.outer)
        {
            run.token.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => current = outer;
}
