using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>
/// The contrastive discrepancy of classes, the clustering that labels the target, and the training around them.
/// </summary>
public sealed class ContrastiveDomainDiscrepancyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor sourceLabels = tensor(new long[] { 0, 1, 0, 2, 1, 0, 2 });
    private readonly Tensor targetLabels = tensor(new long[] { 1, 0, 1, 3, 0, 0 });

    [Fact]
    public void Between_KnownSamples_IsNumPysFigure()
    {
        var objective = new ContrastiveDomainDiscrepancy();

        // Means of kernel blocks class by class, in NumPy; class 2 has no target row and class 3 no source row.
        var value = objective.Between(
            Waves.Rows(7, 3, 0.5),
            sourceLabels,
            Waves.Rows(6, 3, 2),
            targetLabels,
            classes: 4
        );

        Assert.Equal(0.5359965570298804, value.item<double>(), 10);
    }

    [Fact]
    public void Between_NoCommonClass_IsZero()
    {
        var objective = new ContrastiveDomainDiscrepancy();
        var (source, target) = (Waves.Rows(2, 3, 0.5).requires_grad_(), Waves.Rows(2, 3, 2));

        var value = objective.Between(source, zeros(2, int64), target, ones(2, int64), classes: 2);

        Assert.Equal(0, value.item<double>());
        Assert.Equal(0, autograd.grad([value], [source])[0].abs().sum().item<double>());
    }

    [Fact]
    public void Between_SwappedTargetLabels_IsLarger()
    {
        var objective = new ContrastiveDomainDiscrepancy();
        var (rows, labels) = Toy.Clouds(40, 1);

        var right = objective.Between(rows, labels, rows, labels, 2).item<float>();
        var wrong = objective.Between(rows, labels, rows, 1 - labels, 2).item<float>();

        Assert.True(right < 0 && wrong > 0, $"{right} {wrong}");
    }

    [Theory]
    [InlineData(1.0, 1, "011220012220112200112200112200")]
    [InlineData(0.1, 1, ".1.2.0.1.2.0.1.2.011.2.01122..")]
    [InlineData(0.1, 5, ".1.2...1.2...1.2..11.2..1122..")] // four sure rows are too few for class 0
    public void Label_KnownRows_IsNumPysClustering(double most, long least, string expected)
    {
        var clustering = new SphericalClustering { MaxDistance = most, MinRows = least };

        var labels = clustering.Label(
            Waves.Rows(12, 4, 0.5),
            arange(12, dtype: int64).remainder(3),
            Waves.Rows(30, 4, 2),
            classes: 3
        );

        Assert.Equal(expected, string.Concat(labels.data<long>().ToArray().Select(c => c < 0 ? "." : $"{c}")));
    }

    [Fact]
    public void Label_ClassWithoutSourceRows_GetsNone()
    {
        var (rows, labels) = Toy.Clouds(40, 1);

        var given = new SphericalClustering().Label(rows, labels, rows, classes: 3);

        Assert.True(given.lt(2).all().item<bool>());
    }

    [Fact]
    public void Fit_EveryClassIsTooSmall_LeavesTheTermOut()
    {
        var objective = new ContrastiveDomainDiscrepancy { Clustering = new() { MinRows = 1000 } };

        Assert.Equal(InterruptedTraining.Run(null), InterruptedTraining.Run(objective));
    }

    [Fact]
    public void Fit_StoppedWithinAnEpochAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var whole = new ContrastiveDomainDiscrepancy();
        var first = new ContrastiveDomainDiscrepancy();
        var second = new ContrastiveDomainDiscrepancy();
        var expected = InterruptedTraining.Run(whole);

        Assert.Null(InterruptedTraining.Run(first, checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(second, checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(null), expected);
    }

    [Fact]
    public void Fit_AfterATrainingThatWasStopped_TakesOtherDomains()
    {
        var objective = new ContrastiveDomainDiscrepancy();
        Assert.Null(InterruptedTraining.Run(objective, stopAfter: 13));
        Toy.SeedModules(7);
        using var extractor = Toy.ImageExtractor();
        using var predictor = Toy.Predictor();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(objective, 0.3))
            .Fit(Toy.Images(), Toy.Images(seed: 4).WithoutLabels());

        Assert.Equal([8L, 2L], model.Predict(Toy.Images(rows: 8).Inputs).shape);
    }

    public void Dispose() => scope.Dispose();
}
