using System.Diagnostics;

namespace TransferLearning.Benchmarks;

/// <summary>
/// The jobs by name. Each makes its data once and then answers, run by run, the milliseconds of one unit of work.
/// </summary>
internal static class Jobs
{
    private const int Additions = 20_000;
    private static readonly int[] Sizes = [500, 1000, 2000];

    public static IReadOnlyDictionary<string, Func<Func<double>>> All { get; } =
        new Dictionary<string, Func<Func<double>>>(StringComparer.Ordinal)
        {
            ["add"] = () => Timed(new TensorAddition(Additions).Run, units: Additions),
        };

    private static Func<double> Timed(Action work, int units = 1) =>
        () =>
        {
            var clock = Stopwatch.StartNew();
            work();
            return clock.Elapsed.TotalMilliseconds / units;
        };
}
