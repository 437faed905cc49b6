namespace TransferLearning.Internal;

/// <summary>
/// The warnings of the stage that runs on this thread, for solvers below contracts that carry no log: learners, plans,
/// fits of maps.
/// </summary>
internal sealed class RunWarnings : IDisposable
{
    [ThreadStatic]
    private static RunWarnings? current;

    private readonly RunWarnings? outer;
    private readonly Action<string> warn;
    private readonly HashSet<string> said = new(StringComparer.Ordinal);

    private RunWarnings(Action<string> warn) => (this.warn, outer, current) = (warn, current, this);

    /// <summary>Warnings on this thread go there until the result is disposed.</summary>
    public static RunWarnings To(Action<string> warn) => new(warn);

    /// <summary>
    /// Says that a solver took all its steps; once a solver and stage, because boosting fits one learner a hundred
    /// times. Does nothing outside of runs.
    /// </summary>
    /// <param name="solver">The type that the caller described.</param>
    /// <param name="option">The option that holds the limit.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="tolerance">What had to be reached before.</param>
    public static void StepLimit(string solver, string option, long limit, double tolerance)
    {
        if (current is { } stage && stage.said.Add(solver))
        {
            stage.warn(
                FormattableString.Invariant(
                    $"{solver} stopped at its {option} of {limit} before it reached its tolerance of {tolerance}: "
                ) + $"what it found is not its solution yet. Raise {option}, or Tolerance where that will do."
            );
        }
    }

    public void Dispose() => current = outer;
}
