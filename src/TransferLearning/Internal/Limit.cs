namespace TransferLearning.Internal;

/// <summary>
/// The largest value of an option that follows from the data: a plan tells it in words where it knows the counts, a fit
/// throws it.
/// </summary>
/// <param name="Name">The option's name.</param>
/// <param name="Value">The option's value, or null where it has none.</param>
/// <param name="Most">The largest legal value, or null where it is not known.</param>
/// <param name="What">What the limit is.</param>
internal readonly record struct Limit(string Name, long? Value, long? Most, string What)
{
    private string? Fault => Value > Most ? $"{Name} must be at most {Most}, {What}; got {Value}." : null;

    /// <summary>The faults in words.</summary>
    public static IEnumerable<string> Faults(params IEnumerable<Limit> limits) =>
        limits.Select(limit => limit.Fault).OfType<string>();

    /// <summary>Throws the first fault.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is above its limit.</exception>
    public static void Keep(params IEnumerable<Limit> limits)
    {
        foreach (var limit in limits)
        {
            if (limit.Fault is { } fault)
            {
                throw new ArgumentOutOfRangeException(limit.Name, limit.Value, fault);
            }
        }
    }
}
