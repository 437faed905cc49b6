using System.Diagnostics;
using System.Globalization;
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks;

/// <summary>
/// Time and resident memory of what reads rows a part at a time, over domains larger than memory: rows that are
/// computed when they are read, so that no disk takes part.
/// </summary>
internal static class StreamReport
{
    private const int Features = 256;
    private const int RowsAtOnce = 4096;

    /// <summary>
    /// Measures everything on so many gigabytes of rows, half of them in each domain, and prints the table.
    /// </summary>
    public static void Print(double gigabytes)
    {
        var rows = (long)(gigabytes * 1e9 / 2 / (Features * sizeof(float)));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {rows:N0} rows of {Features} float32 features in each domain | seconds | peak resident memory, MB |"
            )
        );
        Console.WriteLine("|---|---|---|");
        using var scope = NewDisposeScope();
        var source = new LabeledDomain(
            new ComputedRows(rows, seed: 1, shift: 0),
            arange(rows, dtype: int64).remainder_(2),
            space: LabelSpace.Classes(2)
        );
        var target = new UnlabeledDomain(new ComputedRows(rows, seed: 2, shift: 0.5f));
        Measure("rows and labels, read once", () => ReadAll(source.Rows, target.Rows));
        Measure(
            "correlation alignment",
            () =>
            {
                var map = new CorrelationAlignment().Fit(new DomainSet([source], target), new FitContext());
                (map as IDisposable)?.Dispose();
            }
        );
        Measure("network against a critic, one epoch of batches of 4,096", () => Train(source, target));
    }

    private static void ReadAll(params IReadOnlyList<IRowSource> domains)
    {
        foreach (var rows in domains)
        {
            for (long start = 0; start < rows.Count; start += RowsAtOnce)
            {
                using var which = arange(start, Math.Min(start + RowsAtOnce, rows.Count), dtype: int64);
                rows.Read(which).Dispose();
            }
        }
    }

    private static void Train(LabeledDomain source, UnlabeledDomain target)
    {
        using var extractor = nn.Sequential(nn.Linear(Features, 64), nn.ReLU());
        using var predictor = nn.Linear(64, 2);
        using var critic = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1));
        var training = new TrainingOptions { Epochs = 1, BatchSize = RowsAtOnce };
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
            .Fit(source, target, new FitOptions { Training = training })
            .Dispose();
    }

    private static void Measure(string what, Action work)
    {
        using var watch = new PeakWatch();
        var clock = Stopwatch.StartNew();
        work();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {what} | {clock.Elapsed.TotalSeconds:F0} | {watch.Bytes / 1048576.0:N0} |"
            )
        );
    }

    /// <summary>Rows of two Gaussian-like clouds, each number a function of its row, its column and a seed.</summary>
    private sealed class ComputedRows(long count, ulong seed, float shift) : IRowSource
    {
        public long Count => count;

        public Tensor Read(Tensor rows)
        {
            var chosen = rows.data<long>().ToArray();
            var numbers = new float[chosen.Length * Features];
            for (var i = 0; i < chosen.Length; i++)
            {
                Fill(numbers.AsSpan(i * Features, Features), chosen[i]);
            }
            return tensor(numbers, [chosen.Length, Features]);
        }

        // The mean of two uniform numbers from -1 to 1, by xorshift from a mixed seed; the row's class moves the first
        // column.
        private void Fill(Span<float> row, long number)
        {
            var state = ((ulong)number * 0x9E3779B97F4A7C15) ^ (seed * 0xBF58476D1CE4E5B9);
            state = (state ^ (state >> 31)) | 1;
            for (var column = 0; column < row.Length; column++)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                row[column] = (((uint)state + (float)(uint)(state >> 32)) * (1f / uint.MaxValue)) - 1 + shift;
            }
            row[0] += number % 2;
        }
    }

    /// <summary>The largest resident set while it lives, looked at ten times a second.</summary>
    private sealed class PeakWatch : IDisposable
    {
        private readonly Timer timer;
        private long bytes;

        public PeakWatch() => timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromSeconds(0.1));

        public long Bytes
        {
            get
            {
                Look();
                return Interlocked.Read(ref bytes);
            }
        }

        public void Dispose() => timer.Dispose();

        private void Look()
        {
            using var process = Process.GetCurrentProcess();
            var now = process.WorkingSet64;
            for (var seen = Interlocked.Read(ref bytes); now > seen; seen = Interlocked.Read(ref bytes))
            {
                Interlocked.CompareExchange(ref bytes, now, seen);
            }
        }
    }
}
