using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Distributed;

/// <summary>Threads that share the steps of a training, against one that takes them alone.</summary>
public sealed class SharedTrainingTests
{
    private static readonly Dictionary<string, Action<SharedToy, NetworkTraining>> Trainings = new(
        StringComparer.Ordinal
    )
    {
        ["source alone"] = (_, net) => net.Minimize(new CrossEntropy()),
        ["DANN"] = Dann,
        ["with entropy"] = (_, net) => net.Minimize(new CrossEntropy()).Minimize(new EntropyMinimization(), 0.1),
        ["CORAL"] = (_, net) => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment()),
        ["MMD"] = (_, net) => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy()),
        ["mixed rows"] = (_, net) => net.Minimize(new CrossEntropy()).Augment(new Mixup()),
        ["a critic in turns"] = (toy, net) =>
        {
            net.Minimize(new CrossEntropy()).Minimize(new DomainConfusion(toy.Critic));
            net.Phase(phase => phase.Move(toy.Critic).Minimize(new DomainAdversary(toy.Critic)).Repeat(2));
        },
    };

    public static TheoryData<string, int> Cases() =>
        [.. Trainings.Keys.SelectMany(name => new[] { (name, 2), (name, 4) })];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_InFloat64SharedByRanks_IsThatOfOne(string name, int size) =>
        Same(Trainings[name], size, SharedToy.Options(), 1e-9);

    [Fact]
    public void Training_InFloat32SharedByRanks_IsThatOfOneUpToRounding() =>
        Same(Dann, 2, SharedToy.Options(), 1e-5, ScalarType.Float32);

    [Fact]
    public void Training_ThatAccumulatesAndClips_IsThatOfOne()
    {
        var options = SharedToy.Options();
        options = options with
        {
            Training = options.Training with { GradientAccumulation = 2, GradientClipping = 0.1 },
        };
        Same(Dann, 2, options, 1e-9);
    }

    [Fact]
    public void Training_OfJoinedBatches_IsThatOfOne()
    {
        var options = SharedToy.Options();
        Same(
            Trainings["CORAL"],
            2,
            options with
            {
                Training = options.Training with { Passes = DomainPasses.Joined },
            },
            1e-9
        );
    }

    [Fact]
    public void Ranks_WithOtherInitialWeights_StartAsTheFirst()
    {
        var expected = SharedToy.Fitted(1, Dann, _ => SharedToy.Options())[0];
        var shared = SharedToy.Fitted(2, Dann, _ => SharedToy.Options(), seeds: rank => 3 + rank);
        Assert.Equal(shared[0], shared[1]);
        Assert.True(SharedToy.Gap(expected, shared[0]) < 1e-9);
    }

    [Fact]
    public void Step_OfOnePhase_AveragesEverythingInOneMessage()
    {
        int Sums(long steps)
        {
            var sums = 0;
            SharedToy.Fitted(
                2,
                Dann,
                communicator =>
                {
                    if (communicator.Rank == 0)
                    {
                        return SharedToy.Options(steps) with
                        {
                            Observers = [new Watches(() => sums = communicator.Sums)],
                        };
                    }
                    return SharedToy.Options(steps);
                }
            );
            return sums;
        }

        // And one that asks whether anybody was canceled. No step of these ends an epoch.
        Assert.Equal(2, Sums(5) - Sums(4));
    }

    [Fact]
    public void Report_OfALoss_IsItsMeanOverTheWholeBatch()
    {
        List<double> Losses(int size)
        {
            var losses = new List<double>();
            SharedToy.Fitted(
                size,
                Dann,
                communicator =>
                    SharedToy.Options() with
                    {
                        Observers = communicator.Rank == size - 1 ? [new Watches(report: losses.AddRange)] : [],
                    }
            );
            return losses;
        }

        var (alone, shared) = (Losses(1), Losses(2));
        Assert.Equal(24, alone.Count);
        Assert.True(SharedToy.Gap([.. alone], [.. shared]) < 1e-9);
    }

    [Fact]
    public void Objective_ThatDivergesInOneRank_IsMetByAllAtTheSameStep()
    {
        var last = new long[2];
        var fault = Assert.Throws<DivergenceException>(() =>
            SharedToy.Fitted(
                2,
                (_, net) => net.Minimize(new CrossEntropy()).Minimize(new Breaks()),
                communicator =>
                    SharedToy.Options() with
                    {
                        Observers = [new Watches(step: step => last[communicator.Rank] = step)],
                    }
            )
        );
        Assert.Contains(nameof(Breaks), fault.Message, StringComparison.Ordinal);
        Assert.Equal(last[0], last[1]);
        Assert.Equal(fault.Step, last[0] + 1);
    }

    [Fact]
    public void Cancellation_OfOneRank_StopsAllAtTheSameStep()
    {
        using var stop = new CancellationTokenSource();
        var last = new long[2];
        Assert.Throws<OperationCanceledException>(() =>
            SharedToy.Fitted(
                2,
                Dann,
                communicator =>
                    SharedToy.Options() with
                    {
                        Observers =
                        [
                            new Watches(step: step =>
                            {
                                last[communicator.Rank] = step;
                                if (step == 7 && communicator.Rank == 1)
                                {
                                    stop.Cancel();
                                }
                            }),
                        ],
                    },
                cancellation: rank => rank == 1 ? stop.Token : CancellationToken.None
            )
        );
        Assert.Equal([7, 7], last);
    }

    [Fact]
    public void Stop_ThatOneRankAsksFor_EndsAllAfterTheSameEpoch()
    {
        var last = new long[2];
        SharedToy.Fitted(
            2,
            Dann,
            communicator =>
                SharedToy.Options(steps: null) with
                {
                    Observers =
                    [
                        new Watches(
                            step: step => last[communicator.Rank] = step,
                            stops: epoch => epoch == 2 && communicator.Rank == 1
                        ),
                    ],
                }
        );
        Assert.Equal([12, 12], last);
    }

    [Fact]
    public void Rank_ThatThrows_EndsTheOthersAndIsNamed()
    {
        var fault = Assert.Throws<InvalidDataException>(() =>
            SharedToy.Fitted(
                2,
                Dann,
                communicator =>
                    SharedToy.Options() with
                    {
                        Observers =
                        [
                            new Watches(step: step =>
                            {
                                if (step == 3 && communicator.Rank == 1)
                                {
                                    throw new InvalidDataException("the disk is full.");
                                }
                            }),
                        ],
                    }
            )
        );
        Assert.Equal("the disk is full.", fault.Message);
    }

    [Fact]
    public void Ranks_WithOtherSteps_AreTold()
    {
        var fault = Assert.Throws<InvalidOperationException>(() =>
            SharedToy.Fitted(2, Dann, communicator => SharedToy.Options(steps: 5 + communicator.Rank))
        );
        Assert.Contains("of 2 on threads", fault.Message, StringComparison.Ordinal);
        Assert.Contains("chain, data or options", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_OfABatchThatRanksCannotShareEvenly_Refuses()
    {
        var options = SharedToy.Options();
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            SharedToy.Fitted(3, Dann, _ => options with { Training = options.Training with { TargetBatchSize = 9 } })
        );
        Assert.Contains("a step takes 16 rows of source 0, which 3 processes", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("9 rows", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_OfAnObjectiveThatCannotBeShared_RefusesItByNameForSeveralRanksAlone()
    {
        static void Balanced(SharedToy toy, NetworkTraining net) =>
            net.Minimize(new GradientNormalization(toy.Extractor, new CrossEntropy(), new EntropyMinimization()));

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            SharedToy.Fitted(2, Balanced, _ => SharedToy.Options())
        );
        Assert.Contains(
            "objective GradientNormalization cannot be computed by 2 processes",
            fault.Message,
            StringComparison.Ordinal
        );
        Assert.NotEmpty(SharedToy.Fitted(1, Balanced, _ => SharedToy.Options()));
    }

    [Fact]
    public void BatchNormalization_OfOwnRows_IsSaidOnceAndEndsTheSameEverywhere()
    {
        var logs = new[] { new LogLines(), new LogLines() };
        var shared = SharedToy.Fitted(
            2,
            Dann,
            communicator => SharedToy.Options() with { Logger = logs[communicator.Rank] },
            hasNormalization: true
        );
        Assert.Equal(shared[0], shared[1]);
        Assert.Single(logs[0].Heard, line => line.Contains("each process's own rows", StringComparison.Ordinal));
        Assert.DoesNotContain(logs[1].Heard, line => line.Contains("own rows", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(4, 1)]
    public void Resume_WithAnotherNumberOfRanks_EndsAsOneNeverInterrupted(int before, int after)
    {
        using var folder = new TemporaryFolder();
        FitOptions Options(long stopAt) =>
            SharedToy.Options() with
            {
                Checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1, Resume = ResumeMode.IfPresent },
                Observers =
                [
                    new Watches(step: step =>
                    {
                        if (step == stopAt)
                        {
                            throw new InvalidDataException("cut off");
                        }
                    }),
                ],
            };
        Assert.Throws<InvalidDataException>(() => SharedToy.Fitted(before, Dann, _ => Options(stopAt: 8)));
        Assert.Contains(Directory.EnumerateFiles(folder.Path), file => file.Contains("step000000007"));

        var resumed = SharedToy.Fitted(after, Dann, _ => Options(stopAt: 0), seeds: rank => 11 + rank);

        var whole = SharedToy.Fitted(1, Dann, _ => SharedToy.Options())[0];
        Assert.True(SharedToy.Gap(whole, resumed[0]) < 1e-9);
        Assert.All(resumed, own => Assert.Equal(resumed[0], own));
    }

    [Fact]
    public void Resume_FromFoldersThatRanksDoNotShare_IsRefused()
    {
        using var folder = new TemporaryFolder();
        FitOptions Options(string path) =>
            SharedToy.Options() with
            {
                Checkpoints = new CheckpointOptions(path) { Resume = ResumeMode.IfPresent },
            };
        SharedToy.Fitted(1, Dann, _ => Options(folder.File("0")));

        var fault = Assert.Throws<InvalidOperationException>(() =>
            SharedToy.Fitted(2, Dann, communicator => Options(folder.File($"{communicator.Rank}")))
        );
        Assert.Contains("what they resume from", fault.Message, StringComparison.Ordinal);
    }

    private static void Dann(SharedToy toy, NetworkTraining net) => net.Minimize(new CrossEntropy()).Oppose(toy.Critic);

    private static void Same(
        Action<SharedToy, NetworkTraining> configure,
        int size,
        FitOptions options,
        double allowed,
        ScalarType type = ScalarType.Float64
    )
    {
        var expected = SharedToy.Fitted(1, configure, _ => options, type)[0];
        var shared = SharedToy.Fitted(size, configure, _ => options, type);
        Assert.All(shared, own => Assert.Equal(shared[0], own));
        var gap = SharedToy.Gap(expected, shared[0]);
        Assert.True(gap < allowed, $"parameters differ by {gap:G3}.");
    }

    private sealed class Watches(
        Action? all = null,
        Action<long>? step = null,
        Action<IEnumerable<double>>? report = null,
        Func<long, bool>? stops = null
    ) : ITrainingObserver
    {
        public void OnStep(StepReport taken)
        {
            all?.Invoke();
            step?.Invoke(taken.Step);
            report?.Invoke(taken.Objectives.Select(pair => pair.Value));
        }

        public void OnEpoch(EpochReport epoch)
        {
            if (stops?.Invoke(epoch.View.Epoch) == true)
            {
                epoch.Stop();
            }
        }
    }

    /// <summary>Not a number where the part of the batch holds the target's first row.</summary>
    private sealed class Breaks : IObjective
    {
        public BatchSplit Split => BatchSplit.Mean;

        public Tensor Evaluate(StepContext step) =>
            step.Scores(step.Target).mean() * (step.Target.Rows.eq(0).any().item<bool>() ? double.NaN : 0);
    }
}
