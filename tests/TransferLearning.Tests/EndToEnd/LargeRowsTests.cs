using System.Diagnostics;
using System.Globalization;
using TransferLearning.Data;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.EndToEnd;

/// <summary>
/// A data set that no memory holds, made row by row: <c>TRANSFERLEARNING_SCALE_GB</c> says its size, 1 unless it is
/// set.
/// </summary>
public sealed class LargeRowsTests
{
    private const long Width = 256;
    private const long MostGrowth = 256L << 20;

    private static readonly double Gigabytes = double.TryParse(
        Environment.GetEnvironmentVariable("TRANSFERLEARNING_SCALE_GB"),
        CultureInfo.InvariantCulture,
        out var given
    )
        ? given
        : 1;

    [LongFact]
    public void Maps_FittedToRowsOfAnySize_NeedTheSameMemory()
    {
        Stays(
            "CORAL and subspace alignment",
            domains =>
            {
                foreach (
                    var mapping in new IFeatureMapping[]
                    {
                        new CorrelationAlignment(),
                        new SubspaceAlignment { Components = 20 },
                    }
                )
                {
                    using var scope = NewDisposeScope();
                    var map = mapping.Fit(domains, FitContext.Seeded(1));
                    var rows = BatchedPass.Read(domains.Target.Rows, 0, 8);
                    Assert.True(map.For(DomainId.Target).Extract(rows).isfinite().all().item<bool>());
                }
            }
        );
    }

    [LongFact]
    public void Network_TrainedOnRowsOfAnySize_NeedsTheSameMemory()
    {
        Stays(
            "an epoch of a network with CORAL",
            domains =>
            {
                Toy.SeedModules(1);
                using var extractor = nn.Sequential(nn.Linear(Width, 32), nn.ReLU());
                using var predictor = nn.Linear(32, 2);
                using var model = new AdaptationBuilder()
                    .Train(
                        extractor,
                        predictor,
                        net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment())
                    )
                    .Fit(
                        domains.Sources,
                        domains.Target,
                        new FitOptions
                        {
                            Training = new TrainingOptions { Epochs = 1, BatchSize = 1024 },
                        }
                    );
            }
        );
    }

    // First a tenth of a gigabyte, so that the libraries have what they keep.
    private static void Stays(string what, Action<DomainSet> work)
    {
        Measure(0.1, work);
        var before = Resident();
        var (bytes, time, most) = Measure(Gigabytes, work);
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {bytes / 1e9:F1} GB in {time.TotalSeconds:F1} s, {bytes / 1e6 / time.TotalSeconds:F0} MB a "
                    + $"second; {before >> 20} MiB before, at most {most >> 20} MiB"
            )
        );
        // Labels and permutations are 8 bytes for each kilobyte of a row.
        Assert.True(most - before < MostGrowth + (bytes / 16), $"memory grew from {before:N0} to {most:N0} bytes.");
    }

    private static (double Bytes, TimeSpan Time, long Most) Measure(double gigabytes, Action<DomainSet> work)
    {
        var count = (long)(gigabytes * 1e9 / (sizeof(float) * Width) / 2);
        using var scope = NewDisposeScope();
        using var ofSource = new MadeRows(count, Width, 1);
        using var ofTarget = new MadeRows(count, Width, 2, 0.5);
        using var source = ofSource.ReadAhead();
        using var target = ofTarget.ReadAhead();
        var labels = arange(count, dtype: int64).remainder(2);
        var most = 0L;
        using var watch = new Timer(_ => most = Math.Max(most, Resident()), null, 0, 200);
        var clock = Stopwatch.StartNew();
        work(new DomainSet([new LabeledDomain(source, labels)], new UnlabeledDomain(target)));
        return (2.0 * count * Width * sizeof(float), clock.Elapsed, Math.Max(most, Resident()));
    }

    private static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
