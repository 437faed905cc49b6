using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Rows read beside a context drawn from their batch: ARM-CML.</summary>
public sealed class BatchContextTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Extract_RowsAndImages_ReadsEachBesideTheMeanContext()
    {
        using var context = new ModulePart(() => nn.Linear(4, 2));
        using var extractor = new ModulePart(() => nn.Linear(6, 3));
        var rows = Rows(5, 4);

        var features = new ContextualExtractor(context, extractor).Extract(rows);

        var drawn = context.Extract(rows).mean([0L]);
        var beside = cat([rows, stack([drawn, drawn, drawn, drawn, drawn])], 1);
        Assert.True(features.allclose(extractor.Extract(beside), 1e-5, 1e-6));

        using var ofImages = new ModulePart(() => nn.Conv2d(1, 2, 3, padding: 1));
        using var further = new ModulePart(() => nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten()));
        var images = Rows(5, 64).reshape(5, 1, 8, 8);
        var seen = new ContextualExtractor(ofImages, further).Extract(images);
        var each = ofImages.Extract(images).mean([0L]).unsqueeze(0);
        var wide = cat([images, cat([each, each, each, each, each])], 1);
        Assert.True(seen.allclose(further.Extract(wide), 1e-5, 1e-5));
    }

    [Fact]
    public void Extract_ContextOfOtherPlaces_SaysWhatIsExpected()
    {
        using var context = new ModulePart(() => nn.Conv2d(1, 2, 3));
        using var further = new ModulePart(() => nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten()));

        var fault = Assert.Throws<ArgumentException>(() =>
            new ContextualExtractor(context, further).Extract(zeros(5, 1, 8, 8))
        );

        Assert.Contains("[5, 2, 6, 6]", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WithJoinedPasses_SaysWhatIsExpected()
    {
        using var context = new ModulePart(() => nn.Linear(4, 2));
        using var extractor = new ModulePart(() => nn.Linear(6, 8));

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .ArmCml(extractor, Toy.Predictor(), context)
                .FitWithoutTarget(
                    SourceRuns.Two(),
                    new FitOptions { Training = new TrainingOptions { Passes = DomainPasses.Joined } }
                )
        );

        Assert.Contains("DomainPasses.Apart", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ArmCml_WhereTheDomainDecides_ReadsAnUnseenDomainBetterThanErmAndComesBackFromAFile()
    {
        LabeledDomain[] sources = [.. Enumerable.Range(0, 6).Select(k => MarginalTransferTests.Moved((k * 2) - 5, k))];
        var unseen = MarginalTransferTests.Moved(2.1, 20);
        var options = new FitOptions
        {
            Seed = 1,
            Training = new TrainingOptions { Steps = 600, BatchSize = 64 },
        };
        double Read(AdaptedModel model) =>
            Evaluation.AccuracyInterval.Of(model.PredictClasses(unseen.Inputs), unseen.Labels).Value;
        Toy.SeedModules(2);
        nn.Module<Tensor, Tensor> Features(long inputs) => nn.Sequential(nn.Linear(inputs, 32), nn.ReLU());
        using var plain = new ModulePart(() => Features(4));
        using var wide = new ModulePart(() => Features(6));
        using var context = new ModulePart(() => nn.Linear(4, 2));
        using var head = new ModulePart(() => nn.Linear(32, 2));
        using var otherHead = new ModulePart(() => nn.Linear(32, 2));

        using var erm = Recipes.Erm(plain, otherHead).FitWithoutTarget(sources, options);
        using var arm = Recipes.ArmCml(wide, head, context).FitWithoutTarget(sources, options);

        var (before, after) = (Read(erm), Read(arm));
        Assert.True(after > 0.9 && after > before + 0.1, $"{before} to {after}");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "arm.model");
        arm.Save(path);
        using var again = AdaptedModel.Load(path, nn.Linear(4, 2), Features(6), nn.Linear(32, 2));
        Assert.True(again.Predict(unseen.Inputs).allclose(arm.Predict(unseen.Inputs)));
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Rows(long rows, long width)
    {
        using var generator = new RandomKey(4).Generator();
        return randn([rows, width], generator: generator);
    }
}
