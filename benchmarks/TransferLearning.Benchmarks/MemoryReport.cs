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
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"managed allocation a step: {(watch.AllocatedAtEnd - watch.AllocatedAtFew) / (double)(Many - Few) / 1024:F1} KB"
            )
        );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"resident memory: {watch.ResidentAtFew / 1048576.0:F1} MB after {Few} steps, {watch.ResidentAtEnd / 1048576.0:F1} MB after {Many}: {100.0 * (watch.ResidentAtEnd - watch.ResidentAtFew) / watch.ResidentAtFew:+0.00;-0.00} %"
            )
        );
    }

    private sealed class Watch : ITrainingObserver
    {
        public long AllocatedAtFew { get; private set; }

        public long AllocatedAtEnd { get; private set; }

        public long ResidentAtFew { get; private set; }

        public long ResidentAtEnd { get; private set; }

        public void OnStep(StepReport report)
        {
            if (report.Step == Few)
            {
                (AllocatedAtFew, ResidentAtFew) = (GC.GetAllocatedBytesForCurrentThread(), Resident());
            }
            else if (report.Step == Many)
            {
                (AllocatedAtEnd, ResidentAtEnd) = (GC.GetAllocatedBytesForCurrentThread(), Resident());
            }
        }

        // After a collection: what the collector has not yet got round to is not held by training.
        private static long Resident()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }
}
