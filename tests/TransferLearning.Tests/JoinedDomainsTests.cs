using TransferLearning.Augmentation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>
/// Several targets as one: rows in order, each known by its domain, through maps, views and training.
/// </summary>
public sealed class JoinedDomainsTests
{
    [Fact]
    public void Joined_RowsInMemory_AreOneAfterTheOther()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Rows(3, from: 0), Rows(2, from: 100));

        var joined = UnlabeledDomain.Joined(new UnlabeledDomain(first), new UnlabeledDomain(second));

        Assert.Equal([3, 2], joined.Sizes);
        Assert.Equal(5, joined.Count);
        Assert.True(joined.Inputs.equal(cat([first, second])).all().item<bool>());
    }

    [Fact]
    public void Joined_RowsThatAreRead_ComeInTheOrderAskedFor()
    {
        using var scope = NewDisposeScope();
        var joined = UnlabeledDomain.Joined(
            new UnlabeledDomain(new Lazily(Rows(3, from: 0))),
            new UnlabeledDomain(Rows(2, from: 100)),
            new UnlabeledDomain(new Lazily(Rows(4, from: 200)))
        );

        var read = joined.Rows.Read(tensor([8L, 0, 4, 2, 5, 3]));

        Assert.Equal([203f, 0, 101, 2, 200, 100], read.select(1, 0).data<float>().ToArray());
        Assert.ThrowsAny<InvalidOperationException>(() => joined.Inputs);
    }

    [Fact]
    public void Joined_OfJoined_CountsEachDomain()
    {
        using var scope = NewDisposeScope();
        var two = UnlabeledDomain.Joined(new UnlabeledDomain(Rows(3, 0)), new UnlabeledDomain(Rows(2, 0)));

        var three = UnlabeledDomain.Joined(two, new UnlabeledDomain(Rows(4, 0)));

        Assert.Equal([3, 2, 4], three.Sizes);
        Assert.Equal([9], new UnlabeledDomain(Rows(9, 0)).Sizes);
    }

    [Fact]
    public void Joined_RowsOfOtherWidthOrNone_AreRefused()
    {
        using var scope = NewDisposeScope();

        var fault = Assert.Throws<ArgumentException>(() =>
            UnlabeledDomain.Joined(new UnlabeledDomain(zeros(3, 4)), new UnlabeledDomain(zeros(3, 5)))
        );

        Assert.Contains("number 1 are [5] of Float32", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => UnlabeledDomain.Joined());
        Assert.Throws<ArgumentException>(
            "domains",
            () => UnlabeledDomain.Joined(new UnlabeledDomain(zeros(3, 4)), null!)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Training_OnJoinedTargets_KnowsWhereEachRowComesFrom(bool isMapped)
    {
        using var scope = NewDisposeScope();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var rows = Toy.LabeledTarget(rows: 64).Inputs;
        var targets = UnlabeledDomain.Joined(
            new UnlabeledDomain(rows.narrow(0, 0, 40)),
            new UnlabeledDomain(rows.narrow(0, 40, 24))
        );
        var spy = new Spy();
        var chain = isMapped ? new AdaptationBuilder().Add(new Standardize()) : new AdaptationBuilder();

        using var model = chain
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Augment(new AugmentedInputs(new Same()) { IncludesTarget = true })
                        .Minimize(spy)
            )
            .Fit(
                Toy.Source(rows: 64),
                targets,
                new FitOptions
                {
                    Training = new TrainingOptions { Epochs = 2, BatchSize = 16 },
                }
            );

        Assert.Equal(128, spy.Seen.Count);
        Assert.All(spy.Seen, pair => Assert.Equal(pair.Row < 40 ? 0 : 1, pair.Member));
        Assert.Equal(80, spy.Seen.Count(pair => pair.Member == 0));
    }

    private static Tensor Rows(int count, int from) =>
        arange(from, from + count, dtype: float32).unsqueeze(1).expand(count, 2).contiguous();

    private sealed class Lazily(Tensor rows) : IRowSource
    {
        public long Count => rows.shape[0];

        public Tensor Read(Tensor numbers) => rows.index_select(0, numbers);
    }

    private sealed class Same : IAugmentation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => inputs.alias();
    }

    // Asks a view of the target where its rows come from.
    private sealed class Spy : IObjective
    {
        private readonly Same view = new();

        public List<(long Row, long Member)> Seen { get; } = [];

        public IEnumerable<IPart> Parts => [];

        public Tensor Evaluate(StepContext step)
        {
            var target = step.View(view, step.Target);
            // The trial before the training asks with rows of one target.
            if (target.Inputs.shape[0] == 16)
            {
                Seen.AddRange(target.Rows.data<long>().Zip(target.Members!.data<long>()));
            }
            return step.Scores(target).sum() * 0;
        }
    }
}
