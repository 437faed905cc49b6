using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
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

        Assert.Equal(3, result.Ranking.Count);
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

        Assert.Equal(3, verdict.Votes.Count);
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
