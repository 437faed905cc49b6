using System.Collections.Concurrent;

namespace TransferLearning.Tests.Parity;

/// <summary>
/// Counts the cases; where the environment names a file, the counts are written to it for the build script to print.
/// </summary>
public sealed class ParityTally : IDisposable
{
    private readonly ConcurrentDictionary<string, string> outcomes = new(StringComparer.Ordinal);

    public void Passed(string name) => outcomes[name] = "passed";

    public void Failed(string name) => outcomes[name] = "failed";

    public void Declined(string name) => outcomes[name] = "declined";

    public void NotImplemented(string name) => outcomes[name] = "not implemented";

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("TRANSFERLEARNING_PARITY_SUMMARY") is { Length: > 0 } path)
        {
            var counts = new[] { "passed", "failed", "declined", "not implemented" }.Select(outcome =>
                $"{outcomes.Values.Count(value => value == outcome)} {outcome}"
            );
            File.WriteAllText(path, $"parity: {string.Join(", ", counts)}\n");
        }
    }
}
