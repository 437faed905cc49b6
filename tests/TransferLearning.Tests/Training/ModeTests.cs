using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>
/// Which modules train and which rest: in models that predict, and in trainings that hold layers back.
/// </summary>
public sealed class ModeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public ModeTests()
    {
        Toy.SeedModules(3);
        (extractor, predictor) = (Toy.Extractor(dropout: 0.5, hasNormalization: true), Toy.Predictor());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Predict_FromEightThreads_GivesTheScoresOfOneAndLeavesTheStatistics(bool isLoaded)
    {
        using var fresh = Fit(Builder());
        fresh.Save(folder.File("model"));
        using var otherExtractor = Toy.Extractor(dropout: 0.5, hasNormalization: true);
        using var otherPredictor = Toy.Predictor();
        using var loaded = AdaptedModel.Load(
            folder.File("model"),
            (nn.Module<Tensor, Tensor>)otherExtractor.Module,
            (nn.Module<Tensor, Tensor>)otherPredictor.Module
        );
        var model = isLoaded ? loaded : fresh;
        var parts = isLoaded ? new[] { otherExtractor, otherPredictor } : [extractor, predictor];
        var inputs = Toy.LabeledTarget().Inputs;
        var expected = fresh.Predict(inputs).bytes.ToArray();
        var before = Toy.Bits(parts);

        var wrong = 0;
        var threads = Enumerable.Range(0, 8).Select(_ => new Thread(Ask)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(0, wrong);
        Assert.Equal(before, Toy.Bits(parts));

        void Ask()
        {
            for (var i = 0; i < 200; i++)
            {
                using var scores = model.Predict(inputs);
                if (!scores.bytes.SequenceEqual(expected))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        }
    }

    [Fact]
    public void Model_FromTheMomentItExists_IsInEvaluationModeAndNoPredictionChangesThat()
    {
        Assert.True(extractor.Module.training);
        using var model = new AdaptedModel(extractor, predictor);
        Assert.All(Modules(extractor).Concat(Modules(predictor)), module => Assert.False(module.training));

        model.Predict(Toy.LabeledTarget().Inputs);
        model.PredictClasses(Toy.LabeledTarget().Inputs);
        model.Features(Toy.LabeledTarget().Inputs);

        Assert.All(Modules(extractor).Concat(Modules(predictor)), module => Assert.False(module.training));
    }

    [Fact]
    public void Predict_WithALayerThatTrains_IsRefusedAndLeavesItsStatistics()
    {
        using var model = new AdaptedModel(extractor, predictor);
        Layer(extractor, "norm").train();
        var before = Toy.Bits(extractor);

        var fault = Assert.Throws<InvalidOperationException>(() => model.Predict(Toy.LabeledTarget().Inputs));

        Assert.Contains("BatchNorm1d", fault.Message, StringComparison.Ordinal);
        Assert.Contains("eval()", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, Toy.Bits(extractor));
    }

    [Theory]
    [InlineData("plan by name")]
    [InlineData("plan by depth")]
    [InlineData("plan of a later epoch")]
    [InlineData("requires_grad")]
    [InlineData("eval of the layer")]
    [InlineData("eval of the whole")]
    public void Fit_HeldBackBatchNormalization_KeepsItsStatisticsToTheBit(string how)
    {
        var plan = FreezingPlan.None;
        switch (how)
        {
            case "plan by name":
                plan = plan.Freeze("norm.");
                break;
            case "plan by depth":
                plan = plan.FreezeFirst(2);
                break;
            case "plan of a later epoch":
                plan = plan.Rule("norm.", rate: 1, fromEpoch: 5);
                break;
            case "requires_grad":
                foreach (var parameter in Layer(extractor, "norm").parameters())
                {
                    parameter.requires_grad = false;
                }
                break;
            case "eval of the layer":
                Layer(extractor, "norm").eval();
                break;
            default:
                extractor.Module.eval();
                break;
        }
        var (before, second) = (Statistics(extractor), Bits(extractor, "second.weight"));

        Fit(Builder(net => net.Optimize(extractor, plan: plan))).Dispose();

        Assert.Equal(before, Statistics(extractor));
        Assert.NotEqual(second, Bits(extractor, "second.weight"));
    }

    [Fact]
    public void Fit_PlanThatWakesALayerLater_MovesItsStatisticsFromThenOn()
    {
        var plan = FreezingPlan.None.Rule("norm.", rate: 1, fromEpoch: 1);
        var watch = new StatisticsAtEpochs(extractor);
        var before = Statistics(extractor);

        Fit(Builder(net => net.Optimize(extractor, plan: plan)), watch).Dispose();

        Assert.Equal(before, watch.Seen[0]);
        Assert.NotEqual(before, watch.Seen[1]);
    }

    [Fact]
    public void Fit_FrozenBlock_RestsAsAWhole()
    {
        // Dropout in a frozen block would make its features random.
        using var block = new ModulePart(() =>
            nn.Sequential(
                ("frozen", nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5))),
                ("moving", nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5)))
            )
        );
        var modes = new ModesAtSteps(block);

        Fit(
                new AdaptationBuilder().Train(
                    block,
                    predictor,
                    net => net.Minimize(new CrossEntropy()).Optimize(block, plan: FreezingPlan.None.Freeze("frozen."))
                ),
                modes
            )
            .Dispose();

        Assert.All(modes.Seen, seen => Assert.Equal([true, false, true, false, false, true, true], seen));
    }

    [Fact]
    public void Fit_Again_TrainsWhatRestedAfterTheFirstAndHoldsBackWhatItsOwnerHeldBack()
    {
        Layer(extractor, "norm").eval();
        var modes = new ModesAtSteps(extractor);

        Fit(Builder()).Dispose();
        using (var model = Fit(Builder(), modes))
        {
            model.Predict(Toy.LabeledTarget().Inputs);
        }
        Fit(Builder(), modes).Dispose();

        // the whole, first, norm, relu, dropout, second, end
        Assert.All(modes.Seen, seen => Assert.Equal([true, true, false, true, true, true, true], seen));
    }

    [Fact]
    public void Fit_AdversarialDiscriminativeAdaptation_HoldsBackInTheReplicaWhatItsOwnerHeldBack()
    {
        Layer(extractor, "norm").eval();
        using var critic = Toy.Critic();
        var before = Statistics(extractor);

        using var model = Fit(Builder().Add(new AdversarialDiscriminativeAdaptation(critic)));

        var target = (ModulePart)model.Extractor.For(DomainId.Target);
        Assert.NotSame(extractor, target);
        Assert.Equal(before, Statistics(target));
    }

    [Fact]
    public void Fit_ModuleWithItsOwnIdeaOfTraining_IsAskedForIt()
    {
        using var own = new ModulePart(() => new SparesItsNorm());
        var before = Bits(own, "norm.running_mean");

        Fit(new AdaptationBuilder().Train(own, predictor, net => net.Minimize(new CrossEntropy()))).Dispose();

        Assert.Equal(before, Bits(own, "norm.running_mean"));
    }

    [Fact]
    public void Fit_ObserverThatMakesAModelAtEveryStep_DoesNotChangeTheTraining()
    {
        Fit(Builder()).Dispose();
        var expected = Toy.Bits(extractor, predictor);
        Restart();

        Fit(Builder(), new LooksOn(() => new AdaptedModel(extractor, predictor).Predict(zeros(2, 4)))).Dispose();

        Assert.Equal(expected, Toy.Bits(extractor, predictor));
    }

    [Fact]
    public void Fit_ModesGradientsAndDemands_AreGivenBackAsFitSays()
    {
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        using var critic = Toy.Critic();
        ModulePart[] parts = [extractor, predictor, critic, teacherExtractor, teacherPredictor];
        extractor.Module.get_parameter("first.bias")!.requires_grad = false;
        foreach (var parameter in parts.SelectMany(part => part.Module.parameters()))
        {
            parameter.grad = full_like(parameter, 0.25);
        }
        predictor.Module.get_parameter("bias")!.grad = null;

        Fit(
                Builder(net =>
                    net.Oppose(critic)
                        .Minimize(new MeanTeacher(teacherExtractor, teacherPredictor))
                        .Align(new DeepCorrelationAlignment())
                )
            )
            .Dispose();

        Assert.All(parts.SelectMany(Modules), module => Assert.False(module.training));
        foreach (var (name, parameter) in parts.SelectMany(part => part.Module.named_parameters()))
        {
            Assert.Equal(
                !ReferenceEquals(parameter, extractor.Module.get_parameter("first.bias")),
                parameter.requires_grad
            );
            var isBias = ReferenceEquals(parameter, predictor.Module.get_parameter("bias"));
            Assert.True(isBias ? parameter.grad is null : parameter.grad!.eq(0.25).all().item<bool>(), name);
        }
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
        folder.Dispose();
    }

    private static AdaptedModel Fit(AdaptationBuilder builder, params IReadOnlyList<ITrainingObserver> observers) =>
        builder.Fit(
            Toy.Source(rows: 128),
            Toy.LabeledTarget().WithoutLabels(),
            new FitOptions
            {
                Training = new TrainingOptions { Epochs = 2 },
                Observers = observers,
            }
        );

    private AdaptationBuilder Builder(Action<NetworkTraining>? further = null) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Minimize(new CrossEntropy());
                further?.Invoke(net);
            }
        );

    private void Restart()
    {
        Toy.SeedModules(3);
        using var freshExtractor = Toy.Extractor(dropout: 0.5, hasNormalization: true);
        using var freshPredictor = Toy.Predictor();
        extractor.CopyFrom(freshExtractor);
        predictor.CopyFrom(freshPredictor);
    }

    private static IEnumerable<nn.Module> Modules(ModulePart part) => part.Module.modules().Prepend(part.Module);

    private static nn.Module Layer(ModulePart part, string name) =>
        part.Module.named_children().Single(child => child.name == name).module;

    private static byte[] Statistics(ModulePart part) =>
        [
            .. Bits(part, "norm.running_mean"),
            .. Bits(part, "norm.running_var"),
            .. Bits(part, "norm.num_batches_tracked"),
        ];

    private static byte[] Bits(ModulePart part, string name) => part.Module.state_dict()[name].detach().bytes.ToArray();

    private sealed class StatisticsAtEpochs(ModulePart watched) : ITrainingObserver
    {
        public List<byte[]> Seen { get; } = [];

        public void OnEpoch(EpochReport report) => Seen.Add(Statistics(watched));
    }

    private sealed class ModesAtSteps(ModulePart watched) : ITrainingObserver
    {
        public List<bool[]> Seen { get; } = [];

        public void OnStep(StepReport report) => Seen.Add([.. Modules(watched).Select(module => module.training)]);
    }

    private sealed class LooksOn(Action look) : ITrainingObserver
    {
        public void OnStep(StepReport report) => look();
    }

    /// <summary>Keeps its batch normalization at rest by itself, as fine-tuned backbones do.</summary>
    private sealed class SparesItsNorm : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear linear = nn.Linear(4, 8);
        private readonly TorchSharp.Modules.BatchNorm1d norm = nn.BatchNorm1d(8);

        public SparesItsNorm()
            : base(nameof(SparesItsNorm)) => RegisterComponents();

        public override void train(bool on = true)
        {
            base.train(on);
            norm.eval();
        }

        public override Tensor forward(Tensor input) => norm.call(linear.call(input));
    }
}
