using System.Diagnostics;
using System.Globalization;
using TransferLearning.Training;

namespace TransferLearning.Benchmarks;

/// <summary>
/// What training holds on to: managed allocation a step, and resident memory after few and after many steps.
/// </summary>
internal static class MemoryReport
{
    /// <summary>
    /// Trains and prints what was held after <paramref name="few"/> and after <paramref name="many"/> steps.
    /// </summary>
    public static void Print(long few, long many, int batch)
    {
        using var training = TrainingSteps.DomainAdversarial(batch);
        var watch = new Watch(few, many);
        training.Run(many, watch);
        var (first, last) = (watch.AtFew, watch.AtMany);
        Write($"resident memory after {few} and after {many} steps on {batch} rows of each domain");
        Write($"managed allocation a step: {(last.Allocated - first.Allocated) / (double)(many - few) / 1024:F1} KB");
        Write($"as it stands: {Growth(first.Resident, last.Resident)}");
        Write($"of it the collector's: {Megabytes(first.Collectors)}, then {Megabytes(last.Collectors)}");
        Write($"once the collector has given its own back: {Growth(first.Held, last.Held)}");
    }

    private static string Growth(long first, long last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Megabytes(first)}, then {Megabytes(last)}: {100.0 * (last - first) / first:+0.00;-0.00} %"
        );

    private static string Megabytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MB");

    private static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <param name="Allocated">What the thread has allocated of managed memory, bytes.</param>
    /// <param name="Resident">The resident set, bytes.</param>
    /// <param name="Collectors">What of it the collector keeps for objects to come, bytes.</param>
    /// <param name="Held">The resident set without that, bytes: what training itself holds.</param>
    private readonly record struct Reading(long Allocated, long Resident, long Collectors, long Held)
    {
        public static Reading Take()
        {
            var (allocated, resident) = (GC.GetAllocatedBytesForCurrentThread(), ResidentSet());
            for (var pass = 0; pass < 2; pass++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
            var held = ResidentSet();
            return new Reading(allocated, resident, resident - held, held);
        }

        private static long ResidentSet()
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    private sealed class Watch(long few, long many) : ITrainingObserver
    {
        public Reading AtFew { get; private set; }

        public Reading AtMany { get; private set; }

        public void OnStep(StepReport report)
        {
            if (report.Step == few)
            {
                AtFew = Reading.Take();
            }
            else if (report.Step == many)
            {
                AtMany = Reading.Take();
            }
        }
    }
}
