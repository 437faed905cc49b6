using TransferLearning.Data;
using TransferLearning.Distributed;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Distributed;

/// <summary>Rows of which each process holds its shard, here each thread.</summary>
public sealed class ShardedRowsTests
{
    private static readonly int[] Cuts = [0, 31, 50, 120];

    [Fact]
    public void Read_OfTheSameRowsByAll_GivesThemWhoeverHoldsThem()
    {
        long[] wanted = [119, 0, 31, 30, 50, 0];
        var results = Shared(rows => rows.Read(tensor(wanted)).data<double>().ToArray());
        Assert.All(results, result => Assert.Equal(wanted.Select(row => (double)row), result));
    }

    [Fact]
    public void Read_OfOtherRowsByEach_GivesEachItsOwn()
    {
        long[][] wanted =
        [
            [119, 0, 31],
            [],
            [7, 7],
        ];
        var results = Shared(rows =>
        {
            var read = rows.Read(tensor(wanted[rows.Rank], [wanted[rows.Rank].Length]));
            return read.shape[0] == 0 ? [] : read.data<double>().ToArray();
        });
        for (var rank = 0; rank < wanted.Length; rank++)
        {
            Assert.Equal(wanted[rank].Select(row => (double)row), results[rank]);
        }
    }

    [Fact]
    public void Read_OfMoreThanAMessage_TakesSeveral()
    {
        var results = ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var own = arange(3, dtype: float32).unsqueeze(1).expand(3, 3 << 20) + (10 * communicator.Rank);
                var rows = new ShardedRows(new TensorRows(own), new CommunicatorGroup(communicator));
                return rows.Read(arange(6, dtype: int64)).amax([1L]).data<float>().ToArray();
            }
        );
        Assert.All(results, result => Assert.Equal([0, 1, 2, 10, 11, 12], result));
    }

    [Fact]
    public void Read_OfARowThatIsNot_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Shared(rows => rows.Read(tensor(new[] { 120L }))));

    [Fact]
    public void Gather_OfWhatEachRowHas_StandsInTheRowsOrder()
    {
        var results = Shared(rows =>
            rows.Gather(arange(rows.Own.Count, dtype: int64) + rows.Start).data<long>().ToArray()
        );
        Assert.All(results, result => Assert.Equal(Enumerable.Range(0, 120).Select(row => (long)row), result));
        Assert.Throws<ArgumentException>(() => Shared(rows => rows.Gather(ones(3))));
    }

    [Fact]
    public void Shard_WithoutARow_IsRefusedByAll()
    {
        var refusals = 0;
        Assert.Throws<ArgumentException>(() =>
            ThreadCommunicator.Run(
                2,
                communicator =>
                {
                    using var scope = NewDisposeScope();
                    var fault = Assert.Throws<ArgumentException>(() =>
                        new UnlabeledDomain(zeros(communicator.Rank, 3)).Sharded(communicator)
                    );
                    Assert.Contains("rank 0 of 2 holds none", fault.Message, StringComparison.Ordinal);
                    Assert.Equal("own", fault.ParamName);
                    Interlocked.Increment(ref refusals);
                    throw fault;
#pragma warning disable CS0162 // The function must give something.
                    return 0;
#pragma warning restore CS0162
                }
            )
        );
        Assert.Equal(2, refusals);
    }

    [Fact]
    public void Shards_OfDifferentWidths_AreRefusedWithBoth()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            ThreadCommunicator.Run(
                2,
                communicator => new UnlabeledDomain(zeros(4, 3 + communicator.Rank)).Sharded(communicator).Count
            )
        );
        Assert.Contains(
            "rank 0 are [3] of Float32, those of rank 1 [4] of Float32",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Labels_OfShardsThatLackClasses_AreOfTheClassesOfAll()
    {
        var widths = ThreadCommunicator.Run(
            3,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var labels = full([4], communicator.Rank, int64);
                var domain = new LabeledDomain(zeros(4, 2), labels, ones(4)).Sharded(communicator);
                Assert.Equal(12, domain.Count);
                Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], domain.Labels.data<long>().ToArray());
                Assert.Equal([12], domain.Weights!.shape);
                return domain.Space.Width;
            }
        );
        Assert.All(widths, width => Assert.Equal(3, width));
    }

    [Fact]
    public void Labels_OfDifferentKinds_AreRefused()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            ThreadCommunicator.Run(
                2,
                communicator =>
                    new LabeledDomain(zeros(4, 2), zeros(4, int64), communicator.Rank == 0 ? ones(4) : null)
                        .Sharded(communicator)
                        .Count
            )
        );
        Assert.Contains("one of them has weights and the other none", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_ThatOneProcessCannotRead_EndAll()
    {
        var fault = Assert.Throws<IOException>(() =>
            ThreadCommunicator.Run(
                2,
                communicator =>
                {
                    using var scope = NewDisposeScope();
                    var rows = new BreaksAt(communicator.Rank == 1 ? 5 : 100);
                    return new CorrelationAlignment().Fit(
                        new DomainSet(
                            [new LabeledDomain(rows, zeros(rows.Count, int64)).Sharded(communicator)],
                            new UnlabeledDomain(randn(9, 3)).Sharded(communicator)
                        ),
                        FitContext.Seeded(1)
                    );
                }
            )
        );
        Assert.Equal("the disk has gone.", fault.Message);
    }

    /// <summary>A map that streams, then a network: shards stay shards between the stages.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Chain_OverShards_IsThatOfOneProcess(int size)
    {
        var expected = Assert.Single(Predicted(1));
        foreach (var found in Predicted(size))
        {
            Assert.True(SharedToy.Gap(expected, found) < 1e-9, $"differs by {SharedToy.Gap(expected, found):G3}.");
        }
    }

    [Fact]
    public void Chain_WithAMethodThatNeedsAllRows_IsRefusedByItsName()
    {
        var fault = Assert.Throws<InvalidOperationException>(() =>
            Fitted(2, new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression()))
        );
        Assert.Contains("stage 2 (LogisticRegression)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("shards of 2 processes", fault.Message, StringComparison.Ordinal);
        fault = Assert.Throws<InvalidOperationException>(() =>
            Fitted(2, new AdaptationBuilder().Map(new JointDistributionAdaptation()).Learn(new LogisticRegression()))
        );
        Assert.Contains("stage 1 (JointDistributionAdaptation)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_OverShardsWithoutTheirProcesses_IsRefused()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Fitted(2, new AdaptationBuilder().Learn(new LogisticRegression()), isDistributed: false)
        );
        Assert.Contains(
            "source 0: its rows are shards of 2 processes, and the run is not shared by these",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Weights_OfSourceRowsOverShards_EnterAChain()
    {
        var results = ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var (source, target) = Domains(communicator);
                var weights = new KernelMeanMatching { Landmarks = 30 }.Weigh(source, target, FitContext.Seeded(1));
                Assert.Equal([source.Count], weights.shape);
                return weights.to(float64).data<double>().ToArray();
            }
        );
        Assert.Equal(results[0], results[1]);
    }

    /// <summary>Weights and a ridge regression over shards, against the same of tensors.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Fits_OverShards_AreThoseOfAllRows(int size)
    {
        static double[] Found(LabeledDomain source, UnlabeledDomain target, Tensor rows)
        {
            IInstanceWeighting[] weightings = [new GaussianDensityWeighting(), new LeastSquaresImportanceFitting()];
            var weights = weightings.Select(weighting => weighting.Weigh(source, target, FitContext.Seeded(1)));
            using var ridge = (LinearPredictor)new RidgeRegression().Fit(source);
            return cat([.. weights, ridge.Predict(rows).flatten()]).data<double>().ToArray();
        }
        using var scope = NewDisposeScope();
        var (source, target) = (Toy.Source(rows: 97), Toy.LabeledTarget(rows: 53).Inputs.to(float64));
        var whole = new LabeledDomain(source.Inputs.to(float64), source.Labels, space: source.Space);
        var expected = Found(whole, new UnlabeledDomain(target), target);

        var results = ThreadCommunicator.Run(
            size,
            communicator =>
            {
                using var own = NewDisposeScope();
                var (shards, targets) = Domains(communicator);
                return Found(shards, targets, Toy.LabeledTarget(rows: 53).Inputs.to(float64));
            }
        );

        Assert.All(results, found => Assert.True(SharedToy.Gap(expected, found) < 1e-9));
    }

    private static double[][] Predicted(int size) =>
        Fitted(
            size,
            null,
            builder =>
                builder
                    .Map(new CorrelationAlignment())
                    .Weight(new KernelMeanMatching { Landmarks = 30 })
                    .Map(new TransferComponentAnalysis { Landmarks = 25, Components = 4 })
        );

    private static double[][] Fitted(
        int size,
        AdaptationBuilder? chain,
        Action<AdaptationBuilder>? shallow = null,
        bool isDistributed = true
    ) =>
        ThreadCommunicator.Run(
            size,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var builder = chain ?? new AdaptationBuilder();
                shallow?.Invoke(builder);
                if (shallow is not null)
                {
                    Toy.SeedModules(3);
                    builder.Train(
                        nn.Sequential(nn.Linear(4, 8, dtype: float64), nn.Tanh()),
                        nn.Linear(8, 2, dtype: float64),
                        net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment())
                    );
                }
                var (source, target) = Domains(communicator);
                var options = new FitOptions
                {
                    Seed = 5,
                    Training = new TrainingOptions
                    {
                        Steps = 10,
                        BatchSize = 16,
                        Optimizer = parameters => optim.SGD(parameters, 0.05, momentum: 0.9),
                    },
                };
                using var model = builder.Fit(
                    source,
                    target,
                    isDistributed ? options.Distributed(communicator) : options
                );
                return model.Predict(Toy.LabeledTarget().Inputs.to(float64)).data<double>().ToArray();
            }
        );

    private static (LabeledDomain Source, UnlabeledDomain Target) Domains(ThreadCommunicator communicator)
    {
        var (source, target) = (Toy.Source(rows: 97), Toy.LabeledTarget(rows: 53));
        (long First, long Count) Cut(long rows)
        {
            var (rank, size) = (communicator.Rank, communicator.Size);
            var first = rows * rank / size;
            return (first, (rows * (rank + 1) / size) - first);
        }
        var (ofSource, ofTarget) = (Cut(97), Cut(53));
        return (
            new LabeledDomain(
                source.Inputs.narrow(0, ofSource.First, ofSource.Count).to(float64),
                source.Labels.narrow(0, ofSource.First, ofSource.Count),
                space: source.Space
            ).Sharded(communicator),
            new UnlabeledDomain(target.Inputs.narrow(0, ofTarget.First, ofTarget.Count).to(float64)).Sharded(
                communicator
            )
        );
    }

    // Rows that hold their number, in uneven shards of three threads.
    private static T[] Shared<T>(Func<ShardedRows, T> body) =>
        ThreadCommunicator.Run(
            3,
            communicator =>
            {
                using var scope = NewDisposeScope();
                var (first, last) = (Cuts[communicator.Rank], Cuts[communicator.Rank + 1]);
                var own = arange(first, last, dtype: float64).unsqueeze(1);
                return body(new ShardedRows(new TensorRows(own), new CommunicatorGroup(communicator)));
            }
        );

    private sealed class BreaksAt(long row) : IRowSource
    {
        public long Count => 20;

        public Tensor Read(Tensor rows) =>
            rows.data<long>().Any(number => number >= row)
                ? throw new IOException("the disk has gone.")
                : ones(rows.shape[0], 3);
    }
}
