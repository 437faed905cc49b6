using System.Diagnostics;
using System.Globalization;
using TransferLearning.Training;

namespace TransferLearning.Benchmarks;

/// <summary>What training holds on to: managed allocation a step, and resident memory after few and after many steps.</summary>
internal static class MemoryReport
{
    private const long Few = 500;
    private const long Many = 5000;

    public static void Print()
    {
        using var training = TrainingSteps.DomainAdversarial();
        var watch = new Watch();
        training.Run(Many, watch);
        var (few, many) = (watch.AtFew, watch.AtMany);
        Write($"managed allocation a step: {(many.Allocated - few.Allocated) / (double)(Many - Few) / 1024:F1} KB");
        Write($"resident memory as it stands: {Growth(few.Resident, many.Resident)}");
        Write($"of it the collector's: {Megabytes(few.Collectors)}, then {Megabytes(many.Collectors)}");
        Write($"once the collector has given its own back: {Growth(few.Held, many.Held)}");
    }

    private static string Growth(long few, long many) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Megabytes(few)} after {Few} steps, {Megabytes(many)} after {Many}: {100.0 * (many - few) / few:+0.00;-0.00} %"
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

    private sealed class Watch : ITrainingObserver
    {
        public Reading AtFew { get; private set; }

        public Reading AtMany { get; private set; }

        public void OnStep(StepReport report)
        {
            if (report.Step == Few)
            {
                AtFew = Reading.Take();
            }
            else if (report.Step == Many)
            {
                AtMany = Reading.Take();
            }
        }
    }
}
