using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>A model says what is inside it.</summary>
public sealed class DescribeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Describe_OfANetwork_CountsItsNumbers()
    {
        using var extractor = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8)));
        using var predictor = Toy.Predictor();
        using var model = new AdaptedModel(extractor, predictor);

        Assert.Equal(
            """
            extractor: ModulePart, Sequential: 56 parameters, 17 in buffers
            predictor: ModulePart, Linear: 18 parameters, 0 in buffers
            """,
            model.Describe(),
            ignoreLineEndingDifferences: true
        );
    }

    [Fact]
    public void Describe_OfAFittedChain_HasEveryPartOnceWithItsShapes()
    {
        using var model = new AdaptationBuilder()
            .Map(new LocationScale())
            .Learn(new LogisticRegression())
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels());

        var lines = model.Describe().Split(Environment.NewLine);

        Assert.Single(
            lines,
            line => line == "extractor: DiagonalMap, factor Float64 [4] on cpu, offset Float64 [4] on cpu"
        );
        Assert.Single(lines, line => line.StartsWith("predictor: LinearPredictor, ", StringComparison.Ordinal));
        Assert.Equal(["inputs: [n, 4]", "labels: 2 classes"], lines[..2]);
        Assert.Equal(lines.Length - 2, model.Extractor.WithInner().Concat(model.Predictor.WithInner()).Count());
    }
}
