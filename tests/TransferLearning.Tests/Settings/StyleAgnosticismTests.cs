using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class StyleAgnosticismTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor rows = Waves.Rows(4, 6, 1);
    private readonly Tensor partners = tensor(new long[] { 2, 0, 3, 1 });

    [Fact]
    public void StyleRandomization_OfSomeRows_MixesMeanAndVariance()
    {
        var shares = tensor(new[] { 0.25, 1, 0, 0.5 });
        var (mean, variance) = (rows.mean([1L], keepdim: true), rows.var(1, unbiased: true, keepdim: true));
        var own = shares.unsqueeze(1);
        Tensor Mixed(Tensor of) => (own * of) + ((1 - own) * of.index_select(0, partners));
        var expected = ((rows - mean) / (variance + 1e-5).sqrt() * (Mixed(variance) + 1e-5).sqrt()) + Mixed(mean);

        var mixed = StyleRandomization.Of(rows, partners, shares);

        Assert.True(mixed.allclose(expected, 1e-12, 1e-12));
        Assert.True(mixed[1].allclose(rows[1], 1e-10, 1e-10)); // all of its own style
        var maps = rows.reshape(4, 2, 3);
        Assert.True(StyleRandomization.Of(maps, partners, ones(4, float64)).allclose(maps, 1e-10, 1e-10));
    }

    [Fact]
    public void ContentRandomization_OfSomeRows_KeepsMeanAndVarianceAndTakesOthersContent()
    {
        var (mean, variance) = (rows.mean([1L], keepdim: true), rows.var(1, unbiased: true, keepdim: true));
        var content = ((rows - mean) / (variance + 1e-5).sqrt()).index_select(0, partners);

        var swapped = ContentRandomization.Of(rows, partners);

        Assert.True(swapped.allclose((content * (variance + 1e-5).sqrt()) + mean, 1e-12, 1e-12));
        Assert.Throws<ArgumentException>(() => ContentRandomization.Of(ones(4, 1), partners));
        Assert.Throws<ArgumentException>(() => ContentRandomization.Of(rows, partners.narrow(0, 0, 3)));
    }

    [Fact]
    public void StyleConfusion_OfSomeScores_IsLeastWhereAllClassesAreAlike()
    {
        var scores = Waves.Rows(5, 3, 1);

        Assert.Equal(-scores.softmax(1).log().mean().item<double>(), StyleConfusion.Of(scores).item<double>(), 1e-12);
        Assert.Equal(Math.Log(3), StyleConfusion.Of(full([5, 3], 7.0, float64)).item<double>(), 1e-12);
    }

    [Fact]
    public void ContentRandomization_Slopes_ReachTheClassifierOfStyles()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var style = Toy.Predictor();

        new ContentRandomization(style).Evaluate(Toy.Step(extractor, predictor, sources: 2)).backward();

        Assert.NotNull(style.Module.parameters().First().grad);
        Assert.Null(predictor.Module.parameters().First().grad);
    }

    [Fact]
    public void SagNet_OnTwoSources_ReadsADomainThatItHasNotSeen()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var style = Toy.Predictor();
        var unseen = Toy.LabeledTarget();
        var options = new FitOptions { Training = new TrainingOptions { Steps = 300 } };

        using var model = Recipes.SagNet(extractor, predictor, style).FitWithoutTarget(SourceRuns.Two(), options);

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.8);
    }

    public void Dispose() => scope.Dispose();
}
