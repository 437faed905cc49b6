using System.Diagnostics;
using System.Globalization;
using TransferLearning.Selection;

namespace WhichMethod;

/// <summary>A line for every fit, at once: <see cref="Progress{T}"/> would report from other threads, later.</summary>
/// <param name="watch">Measures the time since the start.</param>
internal sealed class ConsoleProgress(Stopwatch watch) : IProgress<SearchProgress>
{
    /// <inheritdoc />
    public void Report(SearchProgress value) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"[{value.Done}/{value.Of}] {value.Candidate}, seed {value.Seed} ({watch.Elapsed.TotalSeconds:F1} s)"
            )
        );
}
