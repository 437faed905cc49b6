using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of pages beside the guide and the methods', verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class PageExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void ComingFromMlNet_Arrays_BecomeDomains()
    {
        var (features, classes, otherFeatures) = (
            new float[,]
            {
                { 1, 2 },
                { 3, 4 },
            },
            new[] { 0, 1 },
            new double[3, 2]
        );

        var source = LabeledDomain.From(features, classes); // float[n, d] or double[n, d], and n class numbers
        var target = UnlabeledDomain.From(otherFeatures);

        Assert.Equal(2, source.Space.Width);
        Assert.Equal(3, target.Count);
    }

    [Fact]
    public void BatchNormalization_JoinedPassesThenTargetStatistics_Run()
    {
        Toy.SeedModules(5);
        var (source, target) = (Toy.Source(), Toy.LabeledTarget().WithoutLabels());
        using var normalizedExtractor = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU());
        using var predictor = nn.Linear(8, 2);

        using var model = new AdaptationBuilder()
            .Train(
                normalizedExtractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy())
            )
            .Add(new AdaptiveBatchNormalization())
            .Fit(source, target, new FitOptions { Training = new TrainingOptions { Passes = DomainPasses.Joined } });

        Assert.Equal(2, model.Predict(target.Inputs).shape[1]);
    }

    public void Dispose() => scope.Dispose();
}
