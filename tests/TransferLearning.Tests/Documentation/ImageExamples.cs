using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Vision;
using TransferLearning.Training;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the page on images, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class ImageExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public ImageExamples()
    {
        foreach (var name in new[] { "cat/1", "cat/2", "dog/1", "dog/2" })
        {
            Pictures.Write($"photo/{name}.png", corner: name[0] == 'c' ? SkiaSharp.SKColors.Red : null);
            Pictures.Write($"art/{name}.jpg", corner: name[0] == 'c' ? SkiaSharp.SKColors.Red : null);
        }
    }

    [Fact]
    public void Images()
    {
        using var network = Backbones.PretrainedResNet18();
        var source = ImageFolder.Open("photo");
        var target = ImageFolder.Open("art", new ImageFolderOptions { Classes = source.Classes });

        var store = new FeatureStore("features");
        using var model = new AdaptationBuilder()
            .Map(new UnitLength())
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(store.Labeled(network, source), store.Unlabeled(network, target));

        Assert.Equal(4, model.PredictClassNames(store.Features(network, target)).Count);

        using var head = nn.Linear(512, source.Classes.Count);
        var training = new TrainingOptions
        {
            Epochs = 1,
            BatchSize = 4,
            Optimizer = all => optim.SGD(all, 0.001, momentum: 0.9),
        };
        using var tuned = new AdaptationBuilder()
            .Train(
                network,
                head,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Align(new DeepCorrelationAlignment())
                        .Optimize(network.AsPart(), plan: FreezingPlan.None.FreezeFirst(6))
                        .With(training)
            )
            .Fit(source.Labeled(), target.Unlabeled());

        Assert.Equal([1L, 2], tuned.Predict(target.Read(arange(0, 1))).shape);
    }

    public void Dispose()
    {
        scope.Dispose();
        foreach (var folder in new[] { "photo", "art", "features" })
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
