namespace TransferLearning.Mapping;

/// <summary>
/// Whose rows pass a network at the moment, on this thread: a layer deep inside has no other way to know.
/// </summary>
internal static class PassingDomain
{
    [ThreadStatic]
    private static DomainId current;

    /// <summary>The domain; the target where nobody said otherwise.</summary>
    public static DomainId Current => current;

    /// <summary>Passes some rows as a domain's.</summary>
    public static T As<T>(DomainId domain, Func<T> pass)
    {
        var before = current;
        current = domain;
        try
        {
            return pass();
        }
        finally
        {
            current = before;
        }
    }
}
