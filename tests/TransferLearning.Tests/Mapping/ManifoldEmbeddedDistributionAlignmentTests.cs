using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class ManifoldEmbeddedDistributionAlignmentTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Classify_WavyRows_GivesTheScoresOfADenseSystem()
    {
        var target = Unit(Waves.Target());
        using var predictor = new ManifoldEmbeddedDistributionAlignment
        {
            AlignmentWeight = 4,
            Shrinkage = 0.2,
            ManifoldWeight = 0.7,
            Neighbors = 3,
            Balance = 0.3,
            Rounds = 3,
        }.Classify(UnitSource(), target);

        var scores = predictor.Predict(target).narrow(0, 0, 3);

        // NumPy: the full (n + m) x (n + m) system solved in each of three rounds, with edges of 1 to the row itself.
        double[] expected =
        [
            0.721901834,
            0.048232323,
            0.18607545,
            0.0856083,
            0.52008915,
            0.370511296,
            0.504445966,
            0.082197244,
            0.279654679,
        ];
        Assert.True(scores.allclose(tensor(expected).reshape(3, 3), 1e-7, 1e-8));
    }

    [Fact]
    public void Classify_WithoutAlignmentAndManifold_IsKernelRidgeOnTheSource()
    {
        var (source, target) = (UnitSource(), Unit(Waves.Target()));
        using var predictor = new ManifoldEmbeddedDistributionAlignment
        {
            AlignmentWeight = 0,
            ManifoldWeight = 0,
            Balance = 0.5,
        }.Classify(source, target);

        var kernel = new Kernels.GaussianKernel(0.5);
        var system = kernel.Matrix(source.Inputs, source.Inputs) + (eye(12, dtype: float64) * 0.1);
        var weights = linalg.solve(system, nn.functional.one_hot(source.Labels, 3).to(float64));
        var expected = kernel.Matrix(target, source.Inputs).matmul(weights);

        Assert.True(predictor.Predict(target).allclose(expected, 1e-8, 1e-9));
    }

    [Fact]
    public void Fit_TurnedClouds_ReadsTheTargetAndComesBackFromAFile()
    {
        var source = Toy.Source(rows: 120, classes: 3);
        var (inputs, labels) = Toy.Clouds(90, seed: 2, classes: 3, angle: 0.7);
        using var folder = new TemporaryFolder();

        using var model = new AdaptationBuilder()
            .Add(new ManifoldEmbeddedDistributionAlignment { Components = 2 })
            .Fit(source, new UnlabeledDomain(inputs));
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));

        Assert.True(model.PredictClasses(inputs).eq(labels).to(float64).mean().item<double>() > 0.95);
        Assert.True(model.Predict(inputs).equal(loaded.Predict(inputs)).all().item<bool>());
    }

    [Fact]
    public void Fit_OfValues_IsRefusedBeforeTheRun()
    {
        var source = new LabeledDomain(Waves.Target(), Waves.Target());
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Add(new ManifoldEmbeddedDistributionAlignment())
                .Fit(source, new UnlabeledDomain(Waves.Target()))
        );
        Assert.Contains("classifies", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfBadSettings_IsRefusedBeforeTheRun()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Add(new ManifoldEmbeddedDistributionAlignment { Balance = 2 })
                .Fit(Waves.Source(), new UnlabeledDomain(Waves.Target()))
        );
        Assert.Contains("Balance must be at least 0 and at most 1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0.5, 10, "Shrinkage")]
    [InlineData(1, 1.5, 10, "Balance")]
    [InlineData(1, 0.5, 0, "Neighbors")]
    public void Classify_BadSettings_NamesThem(double shrinkage, double balance, int neighbors, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ManifoldEmbeddedDistributionAlignment
            {
                Shrinkage = shrinkage,
                Balance = balance,
                Neighbors = neighbors,
            }.Classify(UnitSource(), Unit(Waves.Target()))
        );
        Assert.Equal(name, fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true);

    private static LabeledDomain UnitSource()
    {
        var source = Waves.Source();
        return source.WithInputs(Unit(source.Inputs));
    }
}
