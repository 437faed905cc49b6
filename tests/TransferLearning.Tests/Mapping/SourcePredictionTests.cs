using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class SourcePredictionTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_WavyRows_GivesTheScoresOfTwoRidgeRegressions()
    {
        var target = Waves.Target();
        using var model = new AdaptationBuilder()
            .Add(new SourcePrediction(new RidgeRegression { PenaltyScale = PenaltyScale.Absolute }))
            .FitFewShot(Waves.Source(), new UnlabeledDomain(target), FewLabeled());

        var scores = model.Predict(target.narrow(0, 6, 2));

        // NumPy: one ridge regression on the source, another on six target rows with its scores beside them.
        double[] expected = [0.3703621112, 0.135399595, 0.4942382937, 0.5618845406, 0.434887808, 0.0032276513];
        Assert.True(scores.allclose(tensor(expected, dtype: float64).reshape(2, 3), 1e-8, 1e-9));
    }

    [Fact]
    public void Fit_OfRows_PutsTheSourcesScoresBesideThem()
    {
        var (source, target) = (Waves.Source(), Waves.Target());
        var learner = new SourcePrediction(new NearestNeighbor())
        {
            SourceLearner = new RidgeRegression(0.5) { PenaltyScale = PenaltyScale.Absolute },
        };
        var map = learner.Fit(source);
        using var predictor = (LinearPredictor)map.Predictor;
        using var alone = (LinearPredictor)
            new RidgeRegression(0.5) { PenaltyScale = PenaltyScale.Absolute }.Fit(source);

        Assert.True(map.Extract(target).equal(cat([target, alone.Predict(target)], 1)).all().item<bool>());
    }

    [Fact]
    public void Fit_TurnedClouds_ComesBackFromAFile()
    {
        var target = Toy.LabeledTarget();
        using var folder = new TemporaryFolder();
        using var model = new AdaptationBuilder()
            .Add(new SourcePrediction(new LogisticRegression()))
            .FitFewShot(Toy.Source(), target.WithoutLabels(), Toy.LabeledTarget(rows: 8, seed: 9));
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));

        Assert.True(model.Predict(target.Inputs).equal(loaded.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void Fit_WithoutLabeledTargetRows_IsRefusedBeforeTheRun()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Add(new SourcePrediction(new RidgeRegression { PenaltyScale = PenaltyScale.Absolute }))
                .Fit(Waves.Source(), new UnlabeledDomain(Waves.Target()))
        );
        Assert.Contains("FitFewShot", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_NoLearner_NamesIt() =>
        Assert.Equal("Learner", Assert.Throws<ArgumentNullException>(() => new SourcePrediction(null!)).ParamName);

    [LongFact]
    public void Fit_TwoHundredReviewsOfOtherGoods_GainsOnEitherDomainAlone()
    {
        var (source, few, both) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var (from, to) in Reviews.Pairs)
        {
            using var pair = NewDisposeScope();
            var (reviews, target) = Reviews.Pair(from, to);
            LabeledDomain Some(long start, long count) =>
                new(target.Inputs.narrow(0, start, count), target.Labels.narrow(0, start, count));
            var (labeled, hidden) = (Some(0, 200), Some(200, target.Count - 200));
            var learner = new LogisticRegression { Tolerance = 1e-5 };
            double Alone(LabeledDomain data)
            {
                using var model = new AdaptationBuilder().Learn(learner).Fit(data, hidden.WithoutLabels());
                return Reviews.Accuracy(model, hidden);
            }
            source.Add(Alone(reviews));
            few.Add(Alone(labeled));
            using var chained = new AdaptationBuilder()
                .Add(new SourcePrediction(learner))
                .FitFewShot(reviews, hidden.WithoutLabels(), labeled);
            both.Add(Reviews.Accuracy(chained, hidden));
        }
        output.WriteLine($"source {source.Average():F2}, target {few.Average():F2}, both {both.Average():F2}");
        Assert.True(both.Average() > Math.Max(source.Average(), few.Average()) + 1);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain FewLabeled() =>
        new(Waves.Target().narrow(0, 0, 6), arange(6, dtype: int64).remainder(3));
}
