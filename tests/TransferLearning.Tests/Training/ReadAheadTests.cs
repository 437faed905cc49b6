using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Distributed;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Rows that are read on another thread before they are asked for.</summary>
public sealed class ReadAheadTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Read_OfARun_LetsTheNextOnesBeReadAndNoMore()
    {
        var source = new Watched(100);
        using var rows = source.ReadAhead(batches: 2);

        Assert.Equal([0, 1, 2, 3], Numbers(rows.Read(arange(0, 4, dtype: int64))));

        Assert.True(SpinWait.SpinUntil(() => source.Asked.Count == 3, Patience));
        Assert.Equal(["0 1 2 3", "4 5 6 7", "8 9 10 11"], source.Asked);
        Assert.Equal([4, 5, 6, 7], Numbers(rows.Read(arange(4, 8, dtype: int64))));
        Assert.True(SpinWait.SpinUntil(() => source.Asked.Count == 4, Patience));
        Assert.Equal("12 13 14 15", source.Asked[^1]);
        Assert.Equal((1, 1), rows.Reads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, source.Threads);
    }

    [Fact]
    public void Read_OfOtherRowsThanExpected_GivesThemAllTheSame()
    {
        var source = new Watched(20);
        using var rows = source.ReadAhead();
        Assert.Equal([0, 1], Numbers(rows.Read(arange(0, 2, dtype: int64))));
        Assert.Equal([19, 3, 3], Numbers(rows.Read(tensor(new long[] { 19, 3, 3 }))));
        Assert.Equal([18, 19], Numbers(rows.Read(arange(18, 20, dtype: int64))));
        Assert.Equal(0, rows.Read(empty([0], int64)).shape[0]);
        Assert.Equal((0, 4), rows.Reads);
    }

    [Fact]
    public void Read_OfTheRest_EndsWithTheRows()
    {
        var source = new Watched(10);
        using var rows = source.ReadAhead(batches: 8);
        _ = rows.Read(arange(0, 4, dtype: int64));
        Assert.True(SpinWait.SpinUntil(() => source.Asked.Count == 3, Patience));
        Assert.Equal("8 9", source.Asked[^1]);
    }

    [Fact]
    public void Fit_OfAMap_IsTheSameBitsAndWaitsForTheFirstRunAlone()
    {
        using var made = new MadeRows(20_000, 16, 1);
        using var other = new MadeRows(10_000, 16, 2);
        AffineMap Fitted(IRowSource source, IRowSource target) =>
            (AffineMap)
                new CorrelationAlignment()
                    .Fit(
                        new DomainSet([new LabeledDomain(source, zeros(20_000, int64))], new UnlabeledDomain(target)),
                        FitContext.Seeded(1)
                    )
                    .For(DomainId.Source(0));
        using var ahead = made.ReadAhead();
        using var rows = other.ReadAhead();
        using var expected = Fitted(made, other);
        using var map = Fitted(ahead, rows);

        var some = made.Read(arange(5, dtype: int64));
        Assert.Equal(Bits(expected.Extract(some)), Bits(map.Extract(some)));
        // The look at one row, and the first run.
        Assert.Equal(2, ahead.Reads.Missed);
        Assert.True(ahead.Reads.Met >= 3, $"{ahead.Reads}");
    }

    [Fact]
    public void Training_ThatIsReadAhead_IsTheSameBits()
    {
        var (expected, _) = Trained(isAhead: false);
        var (bits, reads) = Trained(isAhead: true);

        Assert.Equal(expected, bits);
        // 3 passes of 10 steps: the first of each waits. Beside them looks at the rows before and after the training.
        Assert.True(reads.Met >= 27, $"{reads}");
    }

    [Fact]
    public void Fault_OfRowsReadAhead_IsThrownWhereTheyAreAskedFor()
    {
        var source = new Watched(12) { Breaks = true };
        using var rows = source.ReadAhead();
        Assert.Equal([0, 1, 2, 3], Numbers(rows.Read(arange(0, 4, dtype: int64))));
        Assert.True(SpinWait.SpinUntil(() => source.Asked.Count >= 3, Patience));
        Assert.Equal([4, 5, 6, 7], Numbers(rows.Read(arange(4, 8, dtype: int64))));
        var fault = Assert.Throws<IOException>(() => rows.Read(arange(8, 12, dtype: int64)));
        Assert.Equal("the disk has gone.", fault.Message);
        Assert.Contains(nameof(Watched), fault.StackTrace, StringComparison.Ordinal);

        source.Breaks = false;
        Assert.Equal([8, 9, 10, 11], Numbers(rows.Read(arange(8, 12, dtype: int64))));
    }

    [Fact]
    public void Cancellation_WhileASlowSourceReads_IsHeard()
    {
        using var slow = new ManualResetEventSlim();
        var source = new Watched(12) { Before = slow };
        var rows = source.ReadAhead();
        try
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            using var canceling = Canceling.By(stop.Token);
            Assert.Throws<OperationCanceledException>(() => rows.Read(arange(0, 4, dtype: int64)));
        }
        finally
        {
            slow.Set();
            rows.Dispose();
        }
    }

    [Fact]
    public void Dispose_LetsGoOfWhatWasReadAheadAndOfTheSource()
    {
        var source = new Watched(100);
        var rows = source.ReadAhead(batches: 3);
        _ = rows.Read(arange(0, 4, dtype: int64));
        Assert.True(SpinWait.SpinUntil(() => source.Asked.Count == 4, Patience));

        rows.Dispose();
        rows.Dispose();

        Assert.Throws<ObjectDisposedException>(() => rows.Read(arange(4, 8, dtype: int64)));
        Assert.Equal(4, source.Made.Count);
        Assert.All(source.Made.Skip(1), tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public void ReadAhead_OfShards_IsRefused()
    {
        ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var own = NewDisposeScope();
                var shards = new ShardedRows(
                    new Watched(4),
                    new TransferLearning.Distributed.CommunicatorGroup(communicator)
                );
                var fault = Assert.Throws<ArgumentException>(() => shards.ReadAhead());
                Assert.Contains("each process's own rows", fault.Message, StringComparison.Ordinal);
                return 0;
            }
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => new Watched(4).ReadAhead(batches: 0));
    }

    public void Dispose() => scope.Dispose();

    private static double[] Numbers(Tensor rows) => rows.data<double>().ToArray();

    private static byte[] Bits(Tensor tensor) => tensor.contiguous().bytes.ToArray();

    private static (byte[] Bits, (long Met, long Missed) Reads) Trained(bool isAhead)
    {
        using var own = NewDisposeScope();
        Toy.SeedModules(1);
        using var made = new MadeRows(320, 4, 1);
        using var other = new MadeRows(320, 4, 2);
        using var source = made.ReadAhead();
        using var target = other.ReadAhead();
        var extractor = nn.Sequential(nn.Linear(4, 8), nn.ReLU());
        var predictor = nn.Linear(8, 2);
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment()))
            .Fit(
                new LabeledDomain(isAhead ? source : made, arange(320, dtype: int64).remainder(2)),
                new UnlabeledDomain(isAhead ? target : other),
                new FitOptions
                {
                    Training = new TrainingOptions { Epochs = 3, BatchSize = 32 },
                }
            );
        return ([.. extractor.parameters().SelectMany(Bits)], source.Reads);
    }

    // Rows that hold their number; says what it was asked for, and by whom.
    private sealed class Watched(long count) : IRowSource
    {
        private readonly List<string> asked = [];

        public long Count => count;

        public bool Breaks { get; set; }

        public ManualResetEventSlim? Before { get; init; }

        public List<int> Threads { get; } = [];

        public List<Tensor> Made { get; } = [];

        public List<string> Asked
        {
            get
            {
                lock (asked)
                {
                    return [.. asked];
                }
            }
        }

        public Tensor Read(Tensor rows)
        {
            Before?.Wait();
            long[] numbers = rows.numel() == 0 ? [] : [.. rows.data<long>()];
            lock (asked)
            {
                Threads.Add(Environment.CurrentManagedThreadId);
                asked.Add(string.Join(' ', numbers));
                if (Breaks && numbers.Contains(9))
                {
                    throw new IOException("the disk has gone.");
                }
                Made.Add(rows.to(float64).unsqueeze(1));
                return Made[^1];
            }
        }
    }
}
