namespace TransferLearning;

/// <summary>A fit was refused before anything was computed; all faults are listed at once.</summary>
/// <param name="faults">The faults, in words.</param>
public sealed class InvalidAdaptationException(IReadOnlyList<string> faults)
    : ArgumentException(
        $"The adaptation cannot run ({faults.Count} fault(s)):" + string.Concat(faults.Select(fault => $"\n - {fault}"))
    )
{
    /// <summary>The faults, in words, in the order in which they were found.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
