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

/// <summary>The same code on a CUDA device.</summary>
[Trait("Category", "Cuda")]
public sealed class CudaTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_DomainAdversarialOnCuda_LearnsAndPredictsForInputsOnTheCpu()
    {
        _ = OtherDevice.OrSkip();
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor(dropout: 0.1, hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();

        using var model = Recipes
            .Dann(extractor, predictor, critic)
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), OnCuda());

        Reads(model);
    }

    [Fact]
    public void Fit_ShallowChainOnCuda_LearnsAndPredictsForInputsOnTheCpu()
    {
        _ = OtherDevice.OrSkip();

        using var model = new AdaptationBuilder()
            .Weight(new KernelMeanMatching { Bound = 10 })
            .Map(new TransferComponentAnalysis { Components = 8 })
            .Learn(new LogisticRegression())
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), OnCuda());

        Reads(model);
        using var folder = new TemporaryFolder();
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));
        Reads(loaded);
    }

    [Fact]
    public void Load_AMapAroundAModuleOnCuda_GoesWhereTheModuleIs()
    {
        _ = OtherDevice.OrSkip();
        Toy.SeedModules(3);
        using var extractor = nn.Linear(4, 8);
        using var predictor = nn.Linear(8, 2);
        using var fitted = new AdaptationBuilder()
            .Map(new LocationScale())
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), OnCuda());
        using var folder = new TemporaryFolder();
        fitted.Save(folder.File("model"));

        using var loaded = AdaptedModel.Load(folder.File("model"), extractor, predictor);

        Reads(loaded);
    }

    [Fact]
    public void Fit_ResumedOnCuda_PutsFinishedStagesBackThere()
    {
        _ = OtherDevice.OrSkip();
        using var folder = new TemporaryFolder();
        for (var run = 0; run < 2; run++)
        {
            using var model = new AdaptationBuilder()
                .Map(new LocationScale())
                .Learn(new LogisticRegression())
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    OnCuda() with
                    {
                        Checkpoints = new CheckpointOptions(folder.Path) { Resume = ResumeMode.IfPresent },
                    }
                );

            Reads(model);
        }
    }

    [Fact]
    public void Fit_RowsReadOnTheHostWhenNeeded_LearnsOnCuda()
    {
        var options = OnCuda();
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (source, target) = (Toy.Source(), Toy.LabeledTarget());

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                new LabeledDomain(new Read(source.Inputs), source.Labels, space: source.Space),
                new UnlabeledDomain(new Read(target.Inputs)),
                options
            );

        Reads(model);
    }

    [Fact]
    public void Fit_NormalizationOfRowsReadOnTheHostWhenNeeded_IsThatOfRowsInMemory()
    {
        _ = OtherDevice.OrSkip();
        Tensor Scores(Func<Tensor, UnlabeledDomain> domain)
        {
            Toy.SeedModules(3);
            using var extractor = Toy.Extractor(hasNormalization: true);
            using var predictor = Toy.Predictor();
            using var model = new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Add(new AdaptiveBatchNormalization())
                .Fit(Toy.Source(), domain(Toy.LabeledTarget().Inputs), OnCuda());
            return model.Predict(Toy.LabeledTarget().Inputs);
        }

        var expected = Scores(rows => new UnlabeledDomain(rows));
        var actual = Scores(rows => new UnlabeledDomain(new Read(rows)));

        Assert.True(actual.allclose(expected, 1e-3, 1e-3));
    }

    [Fact]
    public void EpisodicTraining_RowsReadOnTheHostWithLabelsOnCuda_CostsTheSame()
    {
        var there = OtherDevice.OrSkip();
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var source = Toy.Source();
        double Cost(LabeledDomain data)
        {
            var training = new EpisodicTraining(new PrototypicalNetwork(), data) { Ways = 2 };
            return training.Evaluate(Toy.Step(extractor, predictor)).ToDouble();
        }

        var expected = Cost(source);
        var actual = Cost(new LabeledDomain(new Read(source.Inputs), source.Labels.to(there), space: source.Space));

        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float16)]
    public void Fit_InHalfPrecisionOnCuda_Learns(Precision precision)
    {
        _ = OtherDevice.OrSkip();
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var options = OnCuda() with
        {
            Training = new TrainingOptions { Precision = precision, Optimizer = p => optim.Adam(p, 5e-3) },
        };

        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy())
            )
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options);

        Reads(model);
    }

    public void Dispose() => scope.Dispose();

    private sealed class Read(Tensor inputs) : IRowSource
    {
        public long Count => inputs.shape[0];

        Tensor IRowSource.Read(Tensor rows) => inputs.index_select(0, rows);
    }

    private static FitOptions OnCuda() => new() { Device = OtherDevice.OrSkip() };

    private static void Reads(AdaptedModel model)
    {
        var target = Toy.LabeledTarget();
        using var scores = model.Predict(target.Inputs);
        Assert.Equal(DeviceType.CPU, scores.device_type);
        Assert.True(Evaluation.AccuracyInterval.Of(scores, target.Labels).Value > 0.7);
    }
}
