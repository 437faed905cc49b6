using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the page on theory and of its methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class TheoryExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source(rows: 200);
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 20, seed: 9);
    private readonly UnlabeledDomain target = Toy.LabeledTarget(rows: 200).WithoutLabels();

    [Fact]
    public void ShiftDiagnosis()
    {
        var shift = new ShiftDiagnosis().Of(source, target);
        Console.WriteLine(shift);

        Assert.Equal([0, 1], shift.ShiftedClasses);
    }

    [Fact]
    public void BoundAndLabelers()
    {
        var report = new AdaptationBound().Of(source, target, fewLabeled);
        Console.WriteLine(report);

        Assert.NotNull(report.JointError);
        AssertPrinted(report.ToString());

        var labelers = new CrossLabeling().Of(source, fewLabeled, target);
        Console.WriteLine(labelers);
        Console.WriteLine(labelers.ShareOf(report));

        Assert.InRange(labelers.ShareOf(report), 0, 1);
    }

    [Fact]
    public void BoundOfTheFirstTheorem()
    {
        var first = new AdaptationBound().FirstTheorem(source, target, fewLabeled);
        Console.WriteLine(first);

        Assert.NotNull(first.Bound);
        AssertPrinted(first.ToString());
    }

    [Fact]
    public void DistancesByClass()
    {
        var labeled = Toy.LabeledTarget(rows: 200);
        var byClass = new ClassConditionalDistance(new WassersteinDistance()).Of(source, labeled);
        Console.WriteLine(byClass);
        var separable = ClassConditionalDistance.By(source, labeled, new ProxyADistance().Between);

        Assert.Equal(2, byClass.Classes.Count);
        Assert.InRange(separable.Mean, 0, 2);
    }

    [Fact]
    public void BoundByMargins()
    {
        var byMargins = new AdaptationBound { Distance = BoundDistance.MarginDisparity, Margin = 0.5 };
        Console.WriteLine(byMargins.Of(source, target, fewLabeled));
        Assert.NotNull(byMargins.Of(source, target).SourceComplexity);
    }

    [Fact]
    public void TotalVariation()
    {
        var variation = new TotalVariation();
        var ofFeatures = variation.PerFeature(source.Inputs, target.Inputs);
        var atLeast = variation.LowerBound(source.Inputs, target.Inputs);

        Assert.Equal(source.Inputs.shape[1], ofFeatures.Count);
        Assert.InRange(atLeast.Value, 0, 1);
    }

    [Fact]
    public void MaximumMeanDiscrepancyTest()
    {
        var outcome = new MaximumMeanDiscrepancyTest().Of(source.Inputs, target.Inputs);
        Console.WriteLine(outcome.PValue);

        Assert.True(outcome.PValue < 0.05);
    }

    [Fact]
    public void DisparityDiscrepancy()
    {
        var distance = new DisparityDiscrepancy();
        var overPairs = distance.SymmetricDifference(source, target);
        using var hypothesis = (LinearPredictor)new LogisticRegression().Fit(source);
        var ofHypothesis = distance.Of(hypothesis, source.Inputs, target.Inputs);

        Assert.InRange(overPairs.Value, 0, 2);
        Assert.InRange(ofHypothesis.Value, 0, 1);
    }

    [Fact]
    public void PairsOfHypotheses()
    {
        using var first = (LinearPredictor)new LogisticRegression().Fit(fewLabeled);
        using var second = (LinearPredictor)new LinearSupportVectorMachine().Fit(fewLabeled);
        var pairs = new DisparityDiscrepancy().Pairs([first, second], source, target);
        Console.WriteLine(pairs);

        Assert.Single(pairs.Pairs);
    }

    public void Dispose() => scope.Dispose();

    /// <summary>What the page shows is what the program prints.</summary>
    private static void AssertPrinted(string text)
    {
        var page = File.ReadAllText(Guards.Repository.Path("docs", "theory.md")).ReplaceLineEndings("\n");
        Assert.Contains($"```text\n{text}\n```", page, StringComparison.Ordinal);
    }
}
