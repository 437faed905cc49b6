using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

public sealed class AdaptationBuilderTests
{
    [Fact]
    public void Add_OfEachKind_IsItsVerb()
    {
        using var scope = NewDisposeScope();
        var (source, target) = (Toy.Source(rows: 60), Toy.LabeledTarget(rows: 40).WithoutLabels());
        using var byVerbs = new AdaptationBuilder()
            .Weight(new KernelMeanMatching())
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        using var added = new AdaptationBuilder()
            .Add(new KernelMeanMatching())
            .Add(new CorrelationAlignment())
            .Add(new LogisticRegression())
            .Fit(source, target);

        Assert.Equal(byVerbs.Describe(), added.Describe());
        Assert.True(byVerbs.Predict(target.Inputs).equal(added.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void Fit_WithoutASource_NamesTheArgument()
    {
        using var scope = NewDisposeScope();
        var chain = new AdaptationBuilder().Learn(new NearestNeighbor());
        var target = Toy.LabeledTarget(rows: 40).WithoutLabels();

        Assert.Throws<ArgumentNullException>("sources", () => chain.Fit((IReadOnlyList<LabeledDomain>)null!, target));
        Assert.Throws<ArgumentException>("sources", () => chain.Fit([], target));
        Assert.Throws<ArgumentException>("sources", () => chain.Fit((LabeledDomain)null!, target));
    }
}
