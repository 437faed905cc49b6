using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Accumulation, clipping, learning rates, precision, validation, early stopping, parameter plans.</summary>
public sealed class TrainingOptionsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public TrainingOptionsTests()
    {
        Toy.SeedModules(3);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    [Fact]
    public void Fit_AccumulatedBatches_AverageTheirGradients()
    {
        // One step of plain SGD on 4 batches of 16 moves as one step on the same 64 rows.
        var source = Toy.Source(rows: 64);
        var start = Weight().clone();
        Fit(
            source,
            new TrainingOptions
            {
                Steps = 1,
                BatchSize = 16,
                GradientAccumulation = 4,
                Optimizer = p => optim.SGD(p, 0.1),
            }
        );
        var accumulated = Weight().clone();
        Restart();
        Fit(
            source,
            new TrainingOptions
            {
                Steps = 1,
                BatchSize = 64,
                Optimizer = p => optim.SGD(p, 0.1),
            }
        );

        Assert.True((accumulated - Weight()).abs().max().item<float>() < 1e-6);
        Assert.True((accumulated - start).abs().max().item<float>() > 1e-4);
    }

    [Fact]
    public void Fit_ClippedGradients_MoveNoFurtherThanTheLimit()
    {
        var start = All();
        Fit(
            Toy.Source(),
            new TrainingOptions
            {
                Steps = 1,
                GradientClipping = 0.01,
                Optimizer = p => optim.SGD(p, 1),
            }
        );

        Assert.Equal(0.01, (All() - start).norm().item<float>(), 4);
    }

    [Fact]
    public void Fit_LearningRateScheduleOfZero_MovesNothing()
    {
        var start = All();
        Fit(Toy.Source(), new TrainingOptions { Steps = 3, LearningRate = 0.0 });

        Assert.True(All().equal(start).all().item<bool>());
    }

    [Fact]
    public void Fit_InBFloat16_LearnsAndLeavesFloat32Parameters()
    {
        Fit(
            Toy.Source(),
            new TrainingOptions
            {
                Epochs = 10,
                Precision = Precision.BFloat16,
                Optimizer = p => optim.Adam(p, 5e-3),
            }
        );

        Assert.All(extractor.Module.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
        Assert.True(SourceAccuracy() > 0.95);
    }

    [Fact]
    public void Fit_WithValidation_EndsInTheBestStateAndStopsEarly()
    {
        var epochs = new EpochCounter();
        var score = new RisesThenFalls(extractor, peak: 2);
        Fit(
            Toy.Source(),
            new TrainingOptions
            {
                Epochs = 10,
                Validation = score,
                RestoreBest = true,
            },
            epochs,
            new EarlyStopping(patience: 3)
        );

        Assert.Equal(6, epochs.Count); // scores 1 2 3 | 2 1 0: three without a rise
        Assert.Equal(score.AtPeak, Toy.Bits(extractor));
    }

    [Fact]
    public void Fit_ParameterPlan_MovesOnlyWhatIsAwake()
    {
        var plan = TransferLearning.Network.FreezingPlan.None.Freeze("first").Rule("second", rate: 1, fromEpoch: 1);
        var (first, second) = (Parameter("first.weight").clone(), Parameter("second.weight").clone());
        var builder = new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Optimize(extractor, plan: plan)
        );

        Run(builder, Toy.Source(), new TrainingOptions { Epochs = 1 });
        Assert.True(Parameter("second.weight").equal(second).all().item<bool>());
        Run(builder, Toy.Source(), new TrainingOptions { Epochs = 2 });

        Assert.False(Parameter("second.weight").equal(second).all().item<bool>());
        Assert.True(Parameter("first.weight").equal(first).all().item<bool>());
        Assert.True(Parameter("first.weight").requires_grad); // given back as it came
    }

    [Fact]
    public void Fit_FrozenParameters_StayFrozen()
    {
        var frozen = Parameter("first.weight");
        frozen.requires_grad = false;
        var start = frozen.clone();

        Fit(Toy.Source(), new TrainingOptions { Steps = 5 });

        Assert.True(Parameter("first.weight").equal(start).all().item<bool>());
        Assert.False(Parameter("first.weight").requires_grad);
    }

    [Fact]
    public void Fit_WeightsOfAnyScale_GiveTheSameBits()
    {
        var source = Toy.Source();
        var weights = linspace(1, 2, source.Count);
        Fit(source.WithWeights(weights), new TrainingOptions { Steps = 5 });
        var once = Toy.Bits(extractor, predictor);
        Restart();

        Fit(source.WithWeights(weights * 1024), new TrainingOptions { Steps = 5 });

        Assert.Equal(once, Toy.Bits(extractor, predictor));
    }

    [Fact]
    public void Fit_Canceled_ThrowsAndLeavesFiniteParameters()
    {
        using var canceled = new CancellationTokenSource();
        canceled.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            Builder().Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), cancellationToken: canceled.Token)
        );
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static void Run(
        AdaptationBuilder builder,
        LabeledDomain source,
        TrainingOptions options,
        params IReadOnlyList<ITrainingObserver> observers
    )
    {
        using var model = builder.Fit(
            source,
            Toy.LabeledTarget().WithoutLabels(),
            new FitOptions { Training = options, Observers = observers }
        );
    }

    private AdaptationBuilder Builder() =>
        new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()));

    private void Fit(
        LabeledDomain source,
        TrainingOptions options,
        params IReadOnlyList<ITrainingObserver> observers
    ) => Run(Builder(), source, options, observers);

    /// <summary>Puts the initial weights back.</summary>
    private void Restart()
    {
        Toy.SeedModules(3);
        using var freshExtractor = Toy.Extractor();
        using var freshPredictor = Toy.Predictor();
        extractor.CopyFrom(freshExtractor);
        predictor.CopyFrom(freshPredictor);
    }

    private Tensor Weight() => Parameter("first.weight").detach();

    private TorchSharp.Modules.Parameter Parameter(string name) => extractor.Module.get_parameter(name)!;

    private Tensor All()
    {
        using var quiet = no_grad();
        return cat([
            .. extractor
                .Module.parameters()
                .Concat(predictor.Module.parameters())
                .Select(parameter => parameter.detach().clone().reshape(-1)),
        ]);
    }

    private double SourceAccuracy()
    {
        using var model = new AdaptedModel(extractor, predictor);
        var source = Toy.Source();
        return Evaluation.AccuracyInterval.Of(model.Predict(source.Inputs), source.Labels).Value;
    }

    private sealed class EpochCounter : ITrainingObserver
    {
        public int Count { get; private set; }

        public void OnEpoch(EpochReport report) => Count++;
    }

    private sealed class RisesThenFalls(ModulePart watched, int peak) : IModelScore
    {
        private int asked;

        public byte[] AtPeak { get; private set; } = [];

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
        {
            if (asked == peak)
            {
                AtPeak = Toy.Bits(watched);
            }
            return peak - Math.Abs(asked++ - peak);
        }
    }
}
