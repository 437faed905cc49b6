using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the page on choosing, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class ChoosingExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source(rows: 200);
    private readonly UnlabeledDomain target = Toy.LabeledTarget().WithoutLabels();

    [Fact]
    public void Search()
    {
        var search = new AdaptationSearch
        {
            Candidates =
            [
                new("source only", () => new AdaptationBuilder().Learn(new LogisticRegression())),
                new(
                    "CORAL",
                    () => new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression())
                ),
                new(
                    "KMM",
                    () => new AdaptationBuilder().Weight(new KernelMeanMatching()).Learn(new LogisticRegression())
                ),
            ],
            Seeds = [0, 1],
        };
        var result = search.Run(source, target);
        Console.WriteLine(result);

        using var chosen = result.Refit(); // or of another candidate, or seed: result.Refit("CORAL", seed: 1)

        Assert.Equal(3, result.Ranking.Count);
        Assert.Equal(2, chosen.Space?.Width);
    }

    [Fact]
    public void Settings()
    {
        var space = new CandidateSpace(
            "DANN",
            it =>
            {
                var extractor = nn.Sequential(nn.Linear(4, 16), nn.ReLU());
                var critic = new ModulePart(() => nn.Linear(16, 1));
                return new AdaptationBuilder().Train(
                    extractor,
                    nn.Linear(16, 2),
                    net => net.Minimize(new CrossEntropy()).Oppose(critic, Schedule.SigmoidRamp(height: it["weight"]))
                );
            }
        ).LogRange("weight", 0.01, 1); // every factor is as likely; also Range and Values
        var search = new AdaptationSearch
        {
            Candidates = [.. space.Drawn(9, new RandomKey(1))],
            Halving = new SuccessiveHalving(),
            Parallelism = 2,
        };
        var result = search.Run(source, target, new FitOptions { Training = new TrainingOptions { Epochs = 9 } });

        Assert.Equal(9, result.Ranking.Count);
        Assert.StartsWith("DANN, weight 0.", result.Best, StringComparison.Ordinal);
        Assert.Equal([1, 1.0 / 3, 1.0 / 3], result.Ranking.Take(3).Select(it => it.Share));
    }

    [Fact]
    public void Rehearsal()
    {
        var (berlin, paris) = (source, Toy.Source(rows: 100, seed: 5));

        var search = new AdaptationSearch
        {
            Candidates =
            [
                new("source only", () => new AdaptationBuilder().Learn(new LogisticRegression())),
                new(
                    "CORAL",
                    () => new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression())
                ),
            ],
            LeavesOneSourceOut = true,
        };
        var result = search.Run([berlin, paris], target);
        using var model = result.Refit(); // on all sources, for the target itself

        Assert.Equal(2, result.Scores.Count);
        Assert.Equal(2, model.Space?.Width);
    }

    [Fact]
    public void Guard()
    {
        var newRows = target.Inputs;

        var guard = new NegativeTransferGuard
        {
            Plain = () => new AdaptationBuilder().Learn(new LogisticRegression()),
            Adapted = () => new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression()),
        };
        using var verdict = guard.Fit(source, target);
        Console.WriteLine(verdict);
        using var classes = verdict.Model.PredictClasses(newRows);

        var heldOut = Toy.Source(rows: 100, seed: 5);
        using var sets = verdict.Rejecting(heldOut, target, new ConformalPrediction { Confidence = 0.9 });
        using var classesOrRejected = sets.Classes(newRows); // ConformalPredictor.Rejected where a person should look

        Assert.Equal(4, verdict.Votes.Count);
        Assert.Equal(newRows.shape[0], classesOrRejected.shape[0]);
    }

    [Fact]
    public void Reports()
    {
        var result = new SearchResult([new RankedCandidate("CORAL", 1, 1, 1, [0.5], null)], ["IM"]);

        string page = new ShiftDiagnosis().Of(source, target).ToHtml(["load", "age", "heat", "wear"]);
        string section = result.ToHtml(isPage: false);
        string json = result.ToJson();

        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.StartsWith("<section", section, StringComparison.Ordinal);
        Assert.StartsWith("{", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusal()
    {
        var heldOut = Toy.Source(rows: 100, seed: 5);

        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, target);
        using var sets = new ConformalPrediction { Confidence = 0.9 }.Fit(model, heldOut, target);
        using var classes = sets.Classes(target.Inputs); // ConformalPredictor.Rejected where a person should look
        Console.WriteLine($"the calibration rests on {sets.EffectiveRows:F0} rows");

        Assert.Equal(target.Count, classes.shape[0]);
    }

    [Fact]
    public void WeightedValidation()
    {
        var heldOut = Toy.Source(rows: 100, seed: 5);
        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, target);

        var validation = new ImportanceWeightedValidation(heldOut);
        var risk = validation.Estimate(model.Extractor, model.Predictor, new DomainSet([source], target));
        Console.WriteLine(risk); // the weighed error, its standard error, and what the rows are worth

        Assert.Equal(100, risk.Count);
    }

    [Fact]
    public void Worth()
    {
        double[] scores = [0.61, 0.72, 0.55, 0.70]; // a validator's values of four models
        double[] accuracies = [0.80, 0.86, 0.78, 0.88]; // and how they read labeled target rows
        var worth = ScoreWorth.Of(scores, accuracies); // Spearman 0.80, Kendall 0.67, regret 2.0 points, of 4 models

        Assert.Equal("Spearman 0.80, Kendall 0.67, regret 2.0 points, of 4 models", worth.ToString());
    }

    [Fact]
    public void Calibration()
    {
        var heldOut = Toy.Source(rows: 100, seed: 5);

        using var model = new AdaptationBuilder().Learn(new LogisticRegression()).Fit(source, target);
        var calibrated = new TemperatureScaling().Fit(model, heldOut, target);
        using var probabilities = calibrated.PredictProbabilities(target.Inputs);
        Console.WriteLine($"temperature {calibrated.Temperature:F2}");

        Assert.Equal([target.Count, 2L], probabilities.shape);
    }

    [Fact]
    public void Sources()
    {
        var far = Toy.Source(rows: 100, seed: 5);
        var (berlin, paris, rome) = (source, far.WithInputs(far.Inputs + 5), Toy.LabeledTarget(seed: 6));

        LabeledDomain[] sources = [berlin, paris, rome];
        var ranking = new SourceRanking().Of(sources, target);
        Console.WriteLine(string.Join('\n', ranking));
        var nearest = sources[ranking[0].Source];
        var all = SourceRanking.Pool(sources, ranking); // one domain, each source's rows by its weight

        Assert.Equal(1, ranking[^1].Source);
        Assert.NotSame(paris, nearest);
        Assert.Equal(sources.Sum(domain => domain.Count), all.Count);
    }

    [Fact]
    public void Backbones()
    {
        var (featuresOfOne, featuresOfAnother, labels) = (source.Inputs, source.Inputs.square(), source.Labels);

        var ranking = new BackboneAdvisor().Rank(
            new Dictionary<string, Tensor> { ["ResNet-18"] = featuresOfOne, ["SqueezeNet"] = featuresOfAnother },
            labels
        );
        Console.WriteLine(ranking[0].Name);

        Assert.Equal(2, ranking.Count);
    }

    public void Dispose() => scope.Dispose();
}
