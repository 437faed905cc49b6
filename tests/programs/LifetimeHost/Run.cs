namespace TransferLearning.Tests.LifetimeHost;

/// <summary>
/// One run: what it needs is made by <paramref name="Prepare"/>, what it does must leave no tensor behind.
/// </summary>
/// <param name="Name">What faults are reported under.</param>
/// <param name="IsInScope">Whether the caller has a scope of its own.</param>
/// <param name="Prepare">Makes the caller's own things and gives the run on them, which returns its faults.</param>
internal sealed record Run(string Name, bool IsInScope, Func<Setting, Func<IEnumerable<string>>> Prepare);
