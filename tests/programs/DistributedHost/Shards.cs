using System.Diagnostics;
using System.Globalization;
using TransferLearning.Distributed;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.DistributedHost;

/// <summary>Shallow methods over rows of which each process holds its shard.</summary>
internal static class Shards
{
    private const long SourceRows = 601;
    private const long TargetRows = 403;
    private const long Width = 12;

    private static readonly Dictionary<string, IFeatureMapping> Maps = new(StringComparer.Ordinal)
    {
        ["CORAL"] = new CorrelationAlignment(),
        ["SA"] = new SubspaceAlignment { Components = 4 },
        ["GFK"] = new GeodesicFlowKernel { Components = 3 },
        ["LinearMonge"] = new LinearMongeMap(),
        ["LocationScale"] = new LocationScale(),
        ["Standardize"] = new Standardize { PerDomain = true },
        ["mSDA"] = new MarginalizedDenoisingAutoencoder { Layers = 2 },
        ["Barycenter"] = new GaussianBarycenterAlignment(),
        ["TCA"] = new TransferComponentAnalysis { Landmarks = 40, Components = 5 },
        ["transport"] = new MiniBatchTransport { BatchSize = 64, Passes = 2 },
    };

    /// <summary>
    /// Fits each method and writes some numbers of what it has found into a file of this process: the same for any
    /// number of processes.
    /// </summary>
    public static void Fit(MpiCommunicator world, string folder)
    {
        using var file = new StreamWriter(Path.Combine(folder, $"{world.Size}-{world.Rank}.found"));
        using var scope = NewDisposeScope();
        var labels = arange(SourceRows, dtype: int64).remainder(3);
        var (from, to) = (Rows(SourceRows, 0), Rows(TargetRows, 1));
        var (first, last) = Cut(SourceRows, world);
        var source = new LabeledDomain(
            from.narrow(0, first, last - first),
            labels.narrow(0, first, last - first)
        ).Sharded(world);
        (first, last) = Cut(TargetRows, world);
        var target = new UnlabeledDomain(to.narrow(0, first, last - first)).Sharded(world);
        foreach (var (name, method) in Maps)
        {
            var map = method.Fit(new DomainSet([source], target), FitContext.Seeded(3));
            var mapped = cat([
                map.For(DomainId.Source(0)).Extract(from.narrow(0, 0, 20)),
                map.For(DomainId.Target).Extract(to.narrow(0, 0, 20)),
            ]);
            Say(file, name, mapped);
        }
        Say(file, "KMM", new KernelMeanMatching { Landmarks = 50 }.Weigh(source, target, FitContext.Seeded(3)));
    }

    /// <summary>CORAL over made rows, so many in all: says the time, the rows a second, and the most memory.</summary>
    public static void Measure(MpiCommunicator world, string[] arguments)
    {
        using var scope = NewDisposeScope();
        var (rows, width) = (
            long.Parse(arguments[1], CultureInfo.InvariantCulture),
            long.Parse(arguments[2], CultureInfo.InvariantCulture)
        );
        var own = rows / 2 / world.Size;
        using var ofSource = new MadeRows(own, width, 10 + world.Rank);
        using var ofTarget = new MadeRows(own, width, 1000 + world.Rank, 0.5);
        var clock = Stopwatch.StartNew();
        var source = new LabeledDomain(ofSource, zeros(own, int64), space: LabelSpace.Classes(2)).Sharded(world);
        var target = new UnlabeledDomain(ofTarget).Sharded(world);
        _ = new CorrelationAlignment().Fit(new DomainSet([source], target), FitContext.Seeded(3));
        world.Barrier();
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{world}: {2 * own * world.Size} rows of {width} in {clock.Elapsed.TotalSeconds:F1} s, "
                    + $"{2 * own * world.Size / clock.Elapsed.TotalSeconds:F0} rows a second, at most "
                    + $"{self.PeakWorkingSet64 >> 20} MiB in this process"
            )
        );
    }

    // Uneven shards: each rank has twice as many rows as the one before, about.
    private static (long First, long Last) Cut(long rows, MpiCommunicator world)
    {
        double all = (1L << world.Size) - 1;
        long At(int rank) => (long)(rows * (((1L << rank) - 1) / all));
        return (At(world.Rank), At(world.Rank + 1));
    }

    private static Tensor Rows(long count, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var mixed = randn([count, Width], float64, generator: generator);
        return (
            mixed.matmul(randn([Width, Width], float64, generator: generator)) + (seed * 0.5)
        ).MoveToOuterDisposeScope();
    }

    private static void Say(StreamWriter file, string name, Tensor found)
    {
        using var scope = NewDisposeScope();
        var flat = found.flatten();
        var places = linspace(0, flat.shape[0] - 1, 12, dtype: float64).round().to(int64);
        var numbers = cat([flat.index_select(0, places), flat.norm().reshape(1), flat.sum().reshape(1)]);
        var text = string.Join(
            ' ',
            numbers.data<double>().ToArray().Select(number => number.ToString("R", CultureInfo.InvariantCulture))
        );
        file.WriteLine($"{name}:{text}");
    }
}
