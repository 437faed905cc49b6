using TransferLearning.Evaluation;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class ProgressiveSeparationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void ClassSimilarity_OfSomeLogits_IsTheSumOfBinaryCrossEntropies()
    {
        var scores = Waves.Rows(4, 3, 1);
        var labels = tensor(new long[] { 0, 2, 1, 0 });
        var weights = tensor(new[] { 0.5, 1.5, 1, 1 });
        var (p, y) = (scores.sigmoid(), nn.functional.one_hot(labels, 3).to(float64));
        var expected = -(((y * p.log()) + ((1 - y) * (1 - p).log())).sum(1) * weights).mean();

        Assert.Equal(expected.item<double>(), ClassSimilarity.Of(scores, labels, weights).item<double>(), 1e-12);
    }

    [Fact]
    public void KnownSeparation_OfSomeRows_ComparesTheMostSimilarWithTheLeast()
    {
        var judged = tensor(new[] { 0.3, -1, 2, 0.7, 0.1, -0.4 });
        var similarity = tensor(new[] { 0.9, 0.1, 0.5, 1.4, 0.2, 0.6 });
        static double Softplus(double x) => Math.Log(1 + Math.Exp(x));
        var expected = ((Softplus(-0.7) + Softplus(-0.3)) / 2) + ((Softplus(-1) + Softplus(0.1)) / 2);

        Assert.Equal(expected, KnownSeparation.Of(judged, similarity, 1.0 / 3).item<double>(), 1e-12);
        Assert.Equal(
            Softplus(-0.7) + Softplus(-1),
            KnownSeparation.Of(judged, similarity, 0.01).item<double>(), // one row at least
            1e-12
        );
    }

    [Fact]
    public void SeparatedTerms_OfSomeRows_WeighTargetRowsByTheirShareOfKnown()
    {
        var known = tensor(new[] { 0.2, 0.9, 0.5 });
        var scores = Waves.Rows(3, 4, 1);
        var p = scores.softmax(1);
        var (source, target) = (tensor(new[] { 0.4, -1 }), tensor(new[] { 1.0, 0, -2 }));

        Assert.Equal(
            (known * -(p * p.log()).sum(1)).mean().item<double>(),
            SeparatedEntropy.Of(scores, known).item<double>(),
            1e-12
        );
        Assert.Equal(
            (-source.sigmoid().log().mean() - (known * (1 - target.sigmoid()).log()).mean()).item<double>(),
            SeparatedAdversary.Of(source, target, known).item<double>(),
            1e-12
        );
        Assert.Equal(-Math.Log(p[0, 3].item<double>()), UnknownRows.Of(scores, known, 0.3).item<double>(), 1e-12);
    }

    [Fact]
    public void Terms_Slopes_LeaveSeparatorAndHeadsAlone()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor(classes: 3);
        using var heads = Toy.Predictor();
        using var separator = Toy.Critic();
        using var critic = Toy.Critic();
        bool Reaches(IObjective objective, ModulePart part)
        {
            part.Module.zero_grad();
            var value = objective.Evaluate(Toy.Step(extractor, predictor));
            value.backward();
            return part.Module.parameters().First().grad is { } grad && grad.abs().sum().item<float>() > 0;
        }

        Assert.True(Reaches(new KnownSeparation(heads, separator), separator));
        Assert.False(Reaches(new KnownSeparation(heads, separator), heads));
        Assert.False(Reaches(new KnownSeparation(heads, separator), extractor));
        separator.Module.zero_grad(set_to_none: true);
        foreach (
            var objective in (IObjective[])
                [new SeparatedAdversary(critic, separator), new SeparatedEntropy(separator), new UnknownRows(separator)]
        )
        {
            Assert.True(Reaches(objective, extractor));
            Assert.False(Reaches(objective, separator));
        }
    }

    [Fact]
    public void Fit_ToASourceWithoutRoomForUnknownRows_IsRefusedWithTheRemedy()
    {
        var chain = Recipes.Sta(Toy.Extractor(), Toy.Predictor(), Toy.Predictor(1), Toy.Critic(), Toy.Critic());

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Source(rows: 32), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("source.WithUnknown()", fault.Message, StringComparison.Ordinal);
    }

    // Seeds differ widely, from 0.20 to 0.92, and a processor's rounding makes others of them. A model that never says
    // "unknown", or always, has 0.
    [Fact]
    public void Sta_OnACloudThatTheSourceLacks_ReadsKnownAndUnknownRows()
    {
        var target = OpenToy.LabeledTarget();
        var harmonic = new List<double>();
        for (var seed = 1; seed <= 5; seed++)
        {
            Toy.SeedModules(seed);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor(classes: OpenToy.Known + 1);
            using var heads = Toy.Predictor(classes: OpenToy.Known);
            using var separator = Toy.Critic();
            using var critic = Toy.Critic();
            using var model = Recipes
                .Sta(extractor, predictor, heads, separator, critic)
                .Fit(
                    OpenToy.Source().WithUnknown(),
                    target.WithoutLabels(),
                    new FitOptions
                    {
                        Seed = seed,
                        Training = new TrainingOptions
                        {
                            Steps = 1000,
                            BatchSize = 128, // eight rows at either end
                            Optimizer = parameters => optim.Adam(parameters, 0.005),
                        },
                    }
                );
            using var classes = model.PredictClasses(target.Inputs);
            harmonic.Add(OpenSetAccuracy.Of(classes, target.Labels, OpenToy.Known).Harmonic.Value);
        }

        Assert.True(harmonic.Average() > 0.4, string.Join(", ", harmonic));
    }

    public void Dispose() => scope.Dispose();
}
