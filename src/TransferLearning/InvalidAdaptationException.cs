namespace TransferLearning;

/// <summary>A fit was refused before anything was computed; all faults are listed at once.</summary>
/// <param name="faults">The faults, in words.</param>
/// <param name="causes">
/// The exceptions that led to some of them; the only one, or an <see cref="AggregateException"/> of several, is the
/// inner exception.
/// </param>
public sealed class InvalidAdaptationException(IReadOnlyList<string> faults, params IReadOnlyList<Exception> causes)
    : ArgumentException(
        $"The adaptation cannot run ({faults.Count} fault(s)):"
            + string.Concat(faults.Select(fault => $"\n - {fault}")),
        causes.Count > 1 ? new AggregateException(causes) : causes.SingleOrDefault()
    )
{
    /// <summary>The faults, in words, in the order in which they were found.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
