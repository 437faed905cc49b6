using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
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

    [Fact]
    public void MultiLabel_MapsAndNetworks_PredictLabels()
    {
        Toy.SeedModules(5);
        var (rows, classes) = Toy.Clouds(200, 1, classes: 3);
        var labels = nn.functional.one_hot(classes, 3).to(float32);
        var (newRows, newClasses) = Toy.Clouds(60, 2, classes: 3, angle: 0.3);
        var newLabels = nn.functional.one_hot(newClasses, 3);
        var target = new UnlabeledDomain(newRows);
        var options = new FitOptions { Training = new TrainingOptions { Steps = 20 } };
        using var extractor = nn.Sequential(nn.Linear(4, 8), nn.ReLU());
        using var predictor = nn.Linear(8, 3);

        var topics = LabelSpace.MultiLabel(["sports", "politics", "music"]);
        var source = new LabeledDomain(rows, labels, space: topics);

        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        using var probabilities = model.PredictProbabilities(newRows); // [n, 3], each label by itself
        using var given = model.PredictLabels(newRows, threshold: 0.4); // bool [n, 3]
        foreach (var names in model.PredictLabelNames(newRows))
        {
            Console.WriteLine(string.Join(", ", names));
        }
        Console.WriteLine(MultiLabelMetrics.Of(probabilities, newLabels));

        using var deep = new AdaptationBuilder()
            .Train(
                extractor,
                predictor, // one logit a label
                net => net.Minimize(new BinaryCrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy())
            )
            .Fit(source, target, options);

        Assert.True(MultiLabelMetrics.Of(probabilities, newLabels).MeanAveragePrecision > 0.9);
        Assert.Equal(newLabels.shape, deep.PredictLabels(newRows).shape);
        Assert.Equal(given.shape, newLabels.shape);
    }

    public void Dispose() => scope.Dispose();
}
