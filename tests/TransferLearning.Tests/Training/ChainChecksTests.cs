using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Every fault is found before anything is computed, and all are told at once.</summary>
public sealed class ChainChecksTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor = Toy.Extractor();
    private readonly ModulePart predictor = Toy.Predictor();

    private static UnlabeledDomain Target => Toy.LabeledTarget().WithoutLabels();

    [Fact]
    public void Fit_EmptyChain_SaysThereIsNoStage() =>
        Faulty(new AdaptationBuilder(), Toy.Source(), Target, "no stage");

    [Fact]
    public void Fit_OptionsOfNull_AreNamed()
    {
        void Names(string expected, FitOptions options)
        {
            var chain = new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()));
            var fault = Assert.Throws<InvalidAdaptationException>(() => chain.Fit(Toy.Source(), Target, options));
            Assert.True(fault.Message.Contains(expected, StringComparison.Ordinal), fault.Message);
        }

        Names("FitOptions: Training is null", new FitOptions { Training = null! });
        Names("FitOptions: Observers is null", new FitOptions { Observers = null! });
        Names("Observers is null or holds a null", new FitOptions { Observers = [null!] });
        Names("FitOptions: Logger is null", new FitOptions { Logger = null! });
    }

    [Fact]
    public void Fit_WithoutPredictor_SaysSo() =>
        Faulty(
            new AdaptationBuilder().Map(new CorrelationAlignment()),
            Toy.Source(),
            Target,
            "no stage supplies a label predictor"
        );

    [Fact]
    public void Fit_ExtractorOfAnotherWidth_NamesStageAndShape()
    {
        using var wide = nn.Linear(5, 8);
        Faulty(
            new AdaptationBuilder().Train(wide.AsPart(), predictor, net => net.Minimize(new CrossEntropy())),
            Toy.Source(),
            Target,
            "stage 1 (NetworkTraining): the network does not accept the rows of source 0"
        );
    }

    [Fact]
    public void Fit_CriticOfAnotherWidth_IsFoundByTheRehearsal()
    {
        using var critic = nn.Linear(9, 1);
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(critic.AsPart())
            ),
            Toy.Source(),
            Target,
            "objective DomainAdversary"
        );
    }

    [Fact]
    public void Fit_PredictorWithTooFewClasses_NamesTheLabels()
    {
        var source = Toy.Source(classes: 3);
        Faulty(
            new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy())),
            source,
            Target,
            "the labels need [4, 3] (3 classes)"
        );
    }

    [Fact]
    public void Fit_SeveralFaults_ListsAll()
    {
        var bad = Toy.Clouds(10, 1).Inputs;
        bad[3, 1] = float.NaN;
        var source = new LabeledDomain(bad, zeros(10, int64));
        var target = new UnlabeledDomain(zeros(1, 7));
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Learn(new NearestNeighbor())
                .Fit(
                    source,
                    target,
                    new FitOptions
                    {
                        Training = new TrainingOptions { BatchSize = 1, Epochs = 0 },
                    }
                )
        );
        Assert.Equal(4, fault.Faults.Count);
        Assert.Contains(fault.Faults, text => text.Contains("NaN", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("target: has 1 example(s)", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("Epochs", StringComparison.Ordinal));
        Assert.Contains(fault.Faults, text => text.Contains("BatchSize must be at least 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_RowsOfDifferentWidths_NamesBoth() =>
        Faulty(
            new AdaptationBuilder().Learn(new NearestNeighbor()),
            Toy.Source(),
            new UnlabeledDomain(zeros(9, 5)),
            "rows have shape [5], those of source 0 [4]"
        );

    [Fact]
    public void Fit_SourcesWithDifferentLabelSpaces_SaysHowToAgree()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder().Learn(new NearestNeighbor()).Fit([Toy.Source(), Toy.Source(classes: 3)], Target)
        );
        Assert.Contains("LabelSpace", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_BoostingWithoutLabeledTarget_SaysWhatToCall() =>
        Faulty(
            new AdaptationBuilder().Add(new TrAdaBoost(new LogisticRegression())),
            Toy.Source(),
            Target,
            "call FitFewShot"
        );

    [Fact]
    public void Fit_ShallowStageOnImages_SaysWhatToDo() =>
        Faulty(
            new AdaptationBuilder().Learn(new NearestNeighbor()),
            Toy.Images(),
            Toy.Images(seed: 4).WithoutLabels(),
            "Flatten()"
        );

    [Fact]
    public void Fit_UnregisteredParameters_AreAFaultNotSilence()
    {
        using var silent = nn.Sequential(nn.ReLU());
        Faulty(
            new AdaptationBuilder().Train(
                silent.AsPart(),
                nn.Linear(4, 2).AsPart(),
                net => net.Minimize(new CrossEntropy())
            ),
            Toy.Source(),
            Target,
            "has no trainable parameters"
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_ObjectiveThatThrows_KeepsTheExceptionAndItsStack(int count)
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net => Enumerable.Range(0, count).ToList().ForEach(_ => net.Minimize(new Throwing()))
                )
                .Fit(Toy.Source(), Target)
        );

        Assert.Equal(count, fault.Faults.Count);
        var causes = fault.InnerException is AggregateException several
            ? several.InnerExceptions
            : [fault.InnerException!];
        Assert.Equal(count, causes.Count);
        Assert.All(
            causes,
            cause =>
                Assert.Contains(
                    $"{nameof(Throwing)}.{nameof(Throwing.Evaluate)}",
                    cause.StackTrace,
                    StringComparison.Ordinal
                )
        );
        Assert.All(causes, cause => Assert.IsType<NotSupportedException>(cause));
    }

    [Fact]
    public void Fit_PredictorWiderThanTheClasses_NamesBoth()
    {
        using var wide = nn.Linear(8, 5);
        Faulty(
            new AdaptationBuilder().Train(extractor, wide.AsPart(), net => net.Minimize(new CrossEntropy())),
            Toy.Source(),
            Target,
            "the predictor returns [4, 5] for 4 rows, the labels need [4, 2] (2 classes)"
        );
    }

    [Fact]
    public void Fit_CriticOfTwoOutputs_SaysHowManyItHas()
    {
        using var critic = nn.Linear(8, 2);
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(critic.AsPart())
            ),
            Toy.Source(),
            Target,
            "a critic gives one logit a row"
        );
    }

    [Fact]
    public void Fit_CriticThatCannotBeTrained_SaysSo() =>
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(new Fixed())
            ),
            Toy.Source(),
            Target,
            "the critic Fixed cannot be trained"
        );

    [Fact]
    public void Fit_ObjectivesWithoutAGradient_AreNamed() =>
        Faulty(
            new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new Cut())),
            Toy.Source(),
            Target,
            "nothing that a phase moves has a gradient from its objective(s) Cut"
        );

    [Fact]
    public void Fit_PhaseThatMovesWhatItsObjectiveDoesNotUse_IsAFault()
    {
        using var aside = nn.Linear(3, 3);
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Phase(phase => phase.Move(aside.AsPart()).Minimize(new CrossEntropy()))
            ),
            Toy.Source(),
            Target,
            "nothing that a phase moves has a gradient"
        );
    }

    [Fact]
    public void Fit_OptimizerFactoryThatReturnsNull_NamesTheModule() =>
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Optimize(predictor, _ => null!)
            ),
            Toy.Source(),
            Target,
            "the optimizer factory of Linear returned null"
        );

    [Fact]
    public void Fit_LayerNameThatFitsNothing_NamesTheLayers() =>
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Optimize(extractor, plan: FreezingPlan.None.Freeze("layer9."))
            ),
            Toy.Source(),
            Target,
            "is named 'layer9....'; it has first.weight"
        );

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_PlanWithAParameterTwice_IsNamed(bool isInOneGroup) =>
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Optimize(extractor, plan: new Doubled(isInOneGroup))
            ),
            Toy.Source(),
            Target,
            "the plan Doubled has a parameter of torch::nn::SequentialImpl twice"
        );

    [Fact]
    public void Fit_ScheduleOfNaN_NamesTheObjectiveAndTheProgress() =>
        Faulty(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy(), new Schedule(progress => progress < 0.5 ? 1 : double.NaN))
            ),
            Toy.Source(),
            Target,
            "the weight of objective CrossEntropy gives NaN at progress 0.5"
        );

    [Fact]
    public void Schedule_OfANumberThatIsNone_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(double.NaN));
        Assert.Throws<InvalidOperationException>(() => new Schedule(_ => double.PositiveInfinity).At(0));
        Assert.Throws<InvalidOperationException>(() => Schedule.GaussianRamp(0).At(0));
    }

    [Fact]
    public void Fit_ModuleThatIsDisposed_NamesIt()
    {
        var gone = nn.Linear(8, 2);
        gone.Dispose();
        Faulty(
            new AdaptationBuilder().Train(extractor, gone.AsPart(), net => net.Minimize(new CrossEntropy())),
            Toy.Source(),
            Target,
            "the moved part Linear has no trainable parameters: freeze less, do not move it, do not dispose it before "
                + "the fit"
        );
    }

    [Fact]
    public void Fit_UseOfWhatDoesNothing_IsAFault()
    {
        Faulty(Using(new CrossEntropy()), Toy.Source(), Target, "Use(CrossEntropy) would do nothing");
        Faulty(Using(new EarlyStopping(2)), Toy.Source(), Target, "observers stand in FitOptions.Observers");
    }

    [Fact]
    public void Fit_OptionsOutOfRange_AreNamed()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Learn(new NearestNeighbor())
                .Fit(
                    Toy.Source(),
                    Target,
                    new FitOptions
                    {
                        Training = new TrainingOptions
                        {
                            GradientClipping = double.NaN,
                            LearningRate = new Schedule(_ => double.NaN),
                            Optimizer = null!,
                            Validation = new Never(),
                            ValidateEvery = 11,
                        },
                    }
                )
        );

        Assert.Equal(4, fault.Faults.Count);
        foreach (
            var name in new[]
            {
                "GradientClipping",
                "LearningRate",
                "Optimizer",
                "ValidateEvery is 11, but there are 10 Epochs",
            }
        )
        {
            Assert.Contains(
                fault.Faults,
                text => text.StartsWith($"TrainingOptions: {name}", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public void Fit_OnADeviceThatIsMissing_NamesIt()
    {
        Assert.SkipWhen(cuda.is_available() && cuda.device_count() > 99, "a hundred devices are there");
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Learn(new NearestNeighbor())
                .Fit(Toy.Source(), Target, new FitOptions { Device = new Device(TorchSharp.DeviceType.CUDA, 99) })
        );

        Assert.Contains("Device is cuda:99, but libtorch sees", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inputs", "source 0's inputs")]
    [InlineData("labels", "source 0's labels")]
    [InlineData("weights", "source 0's weights")]
    [InlineData("target", "target's inputs")]
    public void Fit_TensorThatIsDisposed_NamesItAndItsDomain(string lost, string expected)
    {
        var (inputs, labels) = Toy.Clouds(20, 1);
        var tensors = new Dictionary<string, Tensor>
        {
            ["inputs"] = inputs,
            ["labels"] = labels,
            ["weights"] = ones(20),
            ["target"] = inputs.clone(),
        };
        var source = new LabeledDomain(inputs, labels, tensors["weights"]);
        var target = new UnlabeledDomain(tensors["target"]);
        tensors[lost].Dispose();

        var fault = Assert.Throws<ObjectDisposedException>(() =>
            new AdaptationBuilder().Learn(new NearestNeighbor()).Fit(source, target)
        );

        Assert.Equal(expected, fault.ObjectName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void EarlyStopping_WithoutPatience_IsRefused(int patience) =>
        Assert.Equal(
            "patience",
            Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping(patience)).ParamName
        );

    [Fact]
    public void LabeledDomain_LabelOfMinusOne_IsNamed() =>
        Assert.Contains(
            "class labels must lie in 0 ... 2; found -1",
            Assert
                .Throws<ArgumentException>(() => new LabeledDomain(rand(3, 2), tensor(new long[] { 0, -1, 2 })))
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("negative")]
    [InlineData("nan")]
    [InlineData("short")]
    public void LabeledDomain_BadWeights_AreRefused(string kind)
    {
        var (inputs, labels) = Toy.Clouds(6, 1);
        var weights = kind switch
        {
            "negative" => tensor(new[] { 1f, 1, -1, 1, 1, 1 }),
            "nan" => tensor(new[] { 1f, 1, float.NaN, 1, 1, 1 }),
            _ => ones(5),
        };
        var fault = Assert.Throws<ArgumentException>(() => new LabeledDomain(inputs, labels, weights));
        Assert.Equal("weights", fault.ParamName);
    }

    [Fact]
    public void Fit_IllegalOptionsAtAnyDepth_AreListedWithAllOthers()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Weight(new KernelMeanMatching { Bound = -1 })
                .Map(new OptimalTransport(new EntropicTransport(0)))
                .Map(new TransferComponentAnalysis { Ridge = double.NaN })
                .Train(
                    extractor,
                    predictor,
                    net => net.Minimize(new Measured { Inner = [new Measured { Size = -2 }, new Measured()] })
                )
                .Fit(Toy.Source(), Target, new FitOptions { Training = new TrainingOptions { BatchSize = 1 } })
        );

        Assert.Collection(
            fault.Faults,
            text => Assert.Equal("TrainingOptions: BatchSize must be at least 2; got 1.", text),
            text =>
                Assert.StartsWith(
                    "stage 1 (KernelMeanMatching): Bound must be positive and finite; got -1.",
                    text,
                    StringComparison.Ordinal
                ),
            text =>
                Assert.StartsWith("stage 1 (KernelMeanMatching): Bound -1 is below", text, StringComparison.Ordinal),
            text =>
                Assert.Contains(
                    "EntropicTransport: Regularization must be positive and finite; got 0.",
                    text,
                    StringComparison.Ordinal
                ),
            text =>
                Assert.Contains(
                    "(TransferComponentAnalysis): Ridge must be positive and finite; got NaN.",
                    text,
                    StringComparison.Ordinal
                ),
            text => Assert.Equal("stage 4 (NetworkTraining): Measured: Size must be at least 1; got -2.", text)
        );
    }

    [Fact]
    public void Fit_ParameterPlan_IsCheckedWithTheChain()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net => net.Minimize(new CrossEntropy()).Optimize(predictor, plan: new Halving { Times = 0 })
                )
                .Fit(Toy.Source(), Target)
        );

        Assert.Equal(
            [
                "stage 1 (NetworkTraining): Halving: Times must be at least 1; got 0.",
                "stage 1 (NetworkTraining): Halving: halves no rate of 2 classes.",
            ],
            fault.Faults
        );
    }

    [Fact]
    public void Fit_CanceledWhileItIsChecked_IsNotRefused()
    {
        using var stopping = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new Stopping(stopping)))
                .Fit(Toy.Source(), Target, cancellationToken: stopping.Token)
        );
    }

    [Fact]
    public void Fit_MoreComponentsAndNeighborsThanThereAre_IsAFault()
    {
        Faulty(
            new AdaptationBuilder().Map(new SubspaceAlignment { Components = 5 }).Learn(new NearestNeighbor()),
            Toy.Source(),
            Target,
            "stage 1 (SubspaceAlignment): Components must be at most 4"
        );
        Faulty(
            new AdaptationBuilder().Learn(new NearestNeighbor(41)),
            Toy.Source(rows: 40),
            Target,
            "stage 1 (NearestNeighbor): Neighbors must be at most 40, the number of rows; got 41."
        );
    }

    [Fact]
    public void Fit_ObjectivesWhoseNeedsAreNotMet_NameThem()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net =>
                        net.Minimize(new CrossEntropy())
                            .Minimize(new ContrastiveSemanticAlignment())
                            .Align(
                                new MultiKernelMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.LinearTime }
                            )
                )
                .Fit(
                    Toy.Source(),
                    Target,
                    new FitOptions
                    {
                        Training = new TrainingOptions { BatchSize = 32, TargetBatchSize = 16 },
                    }
                )
        );

        Assert.Collection(
            fault.Faults,
            text =>
                Assert.Contains(
                    "ContrastiveSemanticAlignment: needs labeled target rows",
                    text,
                    StringComparison.Ordinal
                ),
            text =>
                Assert.Contains(
                    "needs as many source as target rows in a step; there are 32 and 16",
                    text,
                    StringComparison.Ordinal
                )
        );
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static void Faulty(AdaptationBuilder builder, LabeledDomain source, UnlabeledDomain target, string expected)
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() => builder.Fit(source, target));
        Assert.True(fault.Message.Contains(expected, StringComparison.Ordinal), fault.Message);
    }

    private AdaptationBuilder Using(IPart part) =>
        new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Use(part));

    private sealed class Fixed : IDomainCritic
    {
        public Tensor Judge(Tensor features) => features.sum(1);
    }

    private sealed class Measured : IObjective
    {
        [OptionRange(AtLeast = 1)]
        public int Size { get; init; } = 1;

        public IReadOnlyList<IObjective> Inner { get; init; } = [];

        public Tensor Evaluate(StepContext step) => step.Scores(step.Sources[0]).sum();
    }

    private sealed class Halving : IParameterPlan
    {
        [OptionRange(AtLeast = 1)]
        public int Times { get; init; } = 1;

        public IReadOnlyList<ParameterGroup> Groups(nn.Module module) =>
            [new ParameterGroup([.. module.parameters()], Math.Pow(0.5, Times))];

        public IEnumerable<string> Faults(ChainPlan plan) => [$"halves no rate of {plan.Domains.Space}."];
    }

    private sealed class Doubled(bool isInOneGroup) : IParameterPlan
    {
        public IReadOnlyList<ParameterGroup> Groups(nn.Module module)
        {
            var all = module.parameters().ToList();
            return isInOneGroup
                ? [new ParameterGroup([.. all, all[0]])]
                : [new ParameterGroup(all), new ParameterGroup([all[0]], 0.1)];
        }
    }

    // What takes long looks at the run's token.
    private sealed class Stopping(CancellationTokenSource stopping) : IObjective
    {
        public Tensor Evaluate(StepContext step)
        {
            stopping.Cancel();
            stopping.Token.ThrowIfCancellationRequested();
            return step.Scores(step.Target).sum();
        }
    }

    private sealed class Cut : IObjective
    {
        public Tensor Evaluate(StepContext step) => step.Scores(step.Sources[0]).detach().sum();
    }

    private sealed class Never : IModelScore
    {
        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) => 0;
    }

    private sealed class Throwing : IObjective
    {
        public Tensor Evaluate(StepContext step) => throw new NotSupportedException("not on this machine");
    }
}
