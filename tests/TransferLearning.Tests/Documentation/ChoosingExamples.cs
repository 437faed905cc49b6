using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
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
