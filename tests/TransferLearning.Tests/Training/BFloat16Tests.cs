#pragma warning disable TL1002 // experimental methods are tested, too
using TransferLearning.Consistency;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>
/// What computes in bfloat16 and what keeps every bit: teachers, best states, normalizations, constants, frozen parts.
/// </summary>
public sealed class BFloat16Tests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public BFloat16Tests()
    {
        Toy.SeedModules(3);
        (extractor, predictor) = (Toy.Extractor(hasNormalization: true), Toy.Predictor());
    }

    [Fact]
    public void Fit_MeanTeacher_IsTheMovingAverageInFloat32()
    {
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        var teacher = new MeanTeacher(teacherExtractor, teacherPredictor);
        var average = new Average((nn.Module)predictor.Module, "weight", teacher.Decay);

        Fit(new(), net => net.Minimize(teacher, 0.1), average);

        var found = teacherPredictor.Module.get_parameter("weight")!;
        Assert.Equal(ScalarType.Float32, found.dtype);
        Assert.True((found - average.Value).abs().max().item<float>() < 1e-6);
        Assert.False(IsRounded(found));
    }

    [Fact]
    public void Fit_RestoreBestThatIsTheLast_GivesTheBitsOfAFitWithout()
    {
        Fit(new());
        var expected = Toy.Bits(extractor, predictor);
        Restart();

        Fit(new() { Validation = new Rising(), RestoreBest = true });

        Assert.Equal(expected, Toy.Bits(extractor, predictor));
        Assert.False(IsRounded(predictor.Module.get_parameter("weight")!));
    }

    [Theory]
    [InlineData("BatchNorm1d")]
    [InlineData("LayerNorm")]
    [InlineData("GroupNorm")]
    [InlineData("DomainSpecificBatchNormalization")]
    [InlineData("TransferableNormalization")]
    [InlineData("of the user")]
    public void Fit_Normalization_StaysInFloat32WhileItsNeighborsDoNot(string name)
    {
        using var network = new ModulePart(() =>
            nn.Sequential(
                ("first", nn.Linear(4, 8)),
                (
                    "norm",
                    name switch
                    {
                        "BatchNorm1d" => nn.BatchNorm1d(8),
                        "LayerNorm" => nn.LayerNorm(8),
                        "GroupNorm" => nn.Sequential(nn.Unflatten(1, [8, 1]), GroupNorm(), nn.Flatten()),
                        "DomainSpecificBatchNormalization" => new DomainSpecificBatchNormalization(8),
                        "TransferableNormalization" => new TransferableNormalization(8),
                        _ => new Standardizing(),
                    }
                ),
                ("second", nn.Linear(8, 8))
            )
        );
        var isOfDomains = name.Contains("Normalization", StringComparison.Ordinal);
        IFeatureExtractor whole = isOfDomains ? new DomainNormalizedExtractor(network) : network;
        var dtypes = new Dtypes(network);

        using var model = new AdaptationBuilder()
            .Train(whole, predictor, net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment()))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Options(new(), dtypes));

        Assert.All(
            dtypes.Seen,
            seen => Assert.Equal(seen.Name.StartsWith("norm", StringComparison.Ordinal), seen.IsFloat32)
        );
        Assert.Contains(dtypes.Seen, seen => seen.IsFloat32);
        Assert.All(
            network.Module.state_dict().Where(pair => pair.Value.is_floating_point()),
            pair => Assert.False(IsRounded(pair.Value), pair.Key)
        );
    }

    [Fact]
    public void Fit_ModuleWithParametersAndConstantsOfItsOwn_TrainsAndKeepsTheConstants()
    {
        using var own = new ModulePart(() => new Scaling());
        var (constant, scale) = (Value(own, "constant").clone(), Value(own, "scale").clone());

        new AdaptationBuilder()
            .Train(own, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Options(new()))
            .Dispose();

        Assert.True(Value(own, "constant").equal(constant).all().item<bool>());
        Assert.False(Value(own, "scale").equal(scale).all().item<bool>());
    }

    [Fact]
    public void Fit_WhatDoesNotMove_KeepsEveryBit()
    {
        using var backbone = new ModulePart(() => nn.Linear(4, 4));
        using var head = Toy.Extractor();
        var (before, first) = (Toy.Bits(backbone), Value(head, "first.weight").clone());

        new AdaptationBuilder()
            .Train(
                ExtractorChain.Of(backbone, head),
                predictor,
                net =>
                    net.Phase(phase => phase.Move(head, predictor).Minimize(new CrossEntropy()))
                        .Optimize(head, plan: FreezingPlan.None.Freeze("first."))
            )
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Options(new()))
            .Dispose();

        Assert.Equal(before, Toy.Bits(backbone));
        Assert.True(Value(head, "first.weight").equal(first).all().item<bool>());
    }

    [Fact]
    public void Fit_ScoreThatCallsTheParts_GetsTheDtypeThatItGives()
    {
        var score = new Asking();

        Fit(new() { Validation = score });

        Assert.Equal(ScalarType.Float32, score.Seen);
    }

    [Fact]
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var expected = Run(null, null);

        Assert.Null(Run(new CheckpointOptions(folder.Path) { EverySteps = 1 }, stopAfter: 7));
        Assert.Equal(expected, Run(new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required }, null));

        byte[]? Run(CheckpointOptions? checkpoints, int? stopAfter)
        {
            Restart();
            using var teacherExtractor = extractor.Replica();
            using var teacherPredictor = predictor.Replica();
            using var penalty = new StartingPointPenalty(extractor);
            using var stopping = new CancellationTokenSource();
            var options = Options(new(), new StopsAfter(stopAfter, stopping)) with { Checkpoints = checkpoints };
            try
            {
                Builder(net => net.Minimize(penalty).Minimize(new MeanTeacher(teacherExtractor, teacherPredictor), 0.1))
                    .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options, null, stopping.Token)
                    .Dispose();
                return Toy.Bits(extractor, predictor, teacherExtractor, teacherPredictor);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void Fit_ResumedWithAnotherConstant_EndsWithThatOfTheCheckpointToTheBit()
    {
        using var folder = new TemporaryFolder();
        var expected = Run(0.1f, null, null);

        Assert.Null(Run(0.1f, new CheckpointOptions(folder.Path) { EverySteps = 1 }, stopAfter: 7));
        Assert.Equal(expected, Run(0.3f, new CheckpointOptions(folder.Path) { Resume = ResumeMode.Required }, null));

        byte[]? Run(float constant, CheckpointOptions? checkpoints, int? stopAfter)
        {
            Toy.SeedModules(3);
            using var own = new ModulePart(() => new Scaling(constant));
            using var head = Toy.Predictor();
            using var stopping = new CancellationTokenSource();
            var options = Options(new(), new StopsAfter(stopAfter, stopping)) with { Checkpoints = checkpoints };
            try
            {
                new AdaptationBuilder()
                    .Train(own, head, net => net.Minimize(new CrossEntropy()))
                    .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options, null, stopping.Token)
                    .Dispose();
                return Toy.Bits(own, head);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    [Fact]
    public void Fit_OfAModuleInFloat64_IsRefused()
    {
        extractor.Module.to(float64);
        predictor.Module.to(float64);
        var (source, target) = (Toy.Source(), Toy.LabeledTarget());

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Builder(_ => { })
                .Fit(
                    source.WithInputs(source.Inputs.to(float64)),
                    new UnlabeledDomain(target.Inputs.to(float64)),
                    Options(new())
                )
        );

        Assert.Contains("BFloat16 needs modules of float32", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    // TorchSharp 0.107.0 leaves the parameters of a group normalization uninitialized.
    private static nn.Module<Tensor, Tensor> GroupNorm()
    {
        var norm = nn.GroupNorm(2, 8);
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        return norm;
    }

    private static FitOptions Options(TrainingOptions training, params IReadOnlyList<ITrainingObserver> observers) =>
        new() { Training = training with { Epochs = 2, Precision = Precision.BFloat16 }, Observers = observers };

    private void Fit(
        TrainingOptions training,
        Action<NetworkTraining>? further = null,
        params IReadOnlyList<ITrainingObserver> observers
    ) =>
        Builder(further ?? (_ => { }))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), Options(training, observers))
            .Dispose();

    private AdaptationBuilder Builder(Action<NetworkTraining> further) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Minimize(new CrossEntropy());
                further(net);
            }
        );

    private void Restart()
    {
        Toy.SeedModules(3);
        using var freshExtractor = Toy.Extractor(hasNormalization: true);
        using var freshPredictor = Toy.Predictor();
        extractor.CopyFrom(freshExtractor);
        predictor.CopyFrom(freshPredictor);
    }

    private static Tensor Value(ModulePart part, string name) => part.Module.state_dict()[name].detach();

    private static bool IsRounded(Tensor value) =>
        value.detach().eq(value.detach().to(bfloat16).to(value.dtype)).all().item<bool>();

    /// <summary>The moving average that a mean teacher keeps, of one parameter.</summary>
    private sealed class Average(nn.Module student, string name, double decay) : ITrainingObserver
    {
        public Tensor Value { get; private set; } = student.get_parameter(name)!.detach().to(float32).clone();

        public void OnStep(StepReport report)
        {
            var share = Math.Min(1 - (1.0 / (report.Step + 1)), decay);
            var current = student.get_parameter(name)!.detach().to(float32);
            Value = ((Value * share) + (current * (1 - share))).DetachFromDisposeScope();
        }
    }

    private sealed class Dtypes(ModulePart watched) : ITrainingObserver
    {
        public List<(string Name, bool IsFloat32)> Seen { get; } = [];

        public void OnStep(StepReport report) =>
            Seen.AddRange(
                watched
                    .Module.state_dict()
                    .Where(pair => pair.Value.is_floating_point())
                    .Select(pair => (pair.Key, pair.Value.dtype == float32))
            );
    }

    private sealed class StopsAfter(int? steps, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == steps)
            {
                stopping.Cancel();
            }
        }
    }

    private sealed class Rising : IModelScore
    {
        private int asked;

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) => asked++;
    }

    private sealed class Asking : IModelScore
    {
        public ScalarType Seen { get; private set; }

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
        {
            Seen = predictor.Predict(extractor.Extract(domains.Target.Inputs)).dtype;
            return 0;
        }
    }

    /// <summary>A scale and a constant of its own around a layer.</summary>
    private sealed class Scaling : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter scale = nn.Parameter(full(4, 1.1f));
        private readonly Tensor constant;
        private readonly TorchSharp.Modules.Linear linear = nn.Linear(4, 8);

        public Scaling(float constant = 0.1f)
            : base(nameof(Scaling))
        {
            this.constant = full(4, constant);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => linear.call((input + constant) * scale);
    }

    /// <summary>A normalization that this library has never heard of.</summary>
    private sealed class Standardizing : nn.Module<Tensor, Tensor>
    {
        private readonly Tensor mean = zeros(8);
        private readonly TorchSharp.Modules.Parameter scale = nn.Parameter(ones(8));

        public Standardizing()
            : base(nameof(Standardizing)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            if (training)
            {
                using var quiet = no_grad();
                mean.lerp_(input.mean([0L]), tensor(0.01f));
            }
            return (input - mean) * scale;
        }
    }
}
