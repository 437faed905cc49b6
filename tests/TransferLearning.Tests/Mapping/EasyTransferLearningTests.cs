using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class EasyTransferLearningTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Assign_DistancesThatLeaveThreeClassesEmpty_IsTheLinearProgrammesAnswer()
    {
        var distances = Enumerable
            .Range(0, 60)
            .Select(at => Math.Abs(Math.Sin((1.3 * (at / 5)) + (2.1 * (at % 5) * (at % 5)))) + (0.6 * (at % 5)))
            .ToArray();

        var chosen = ClassPrices.Assign(distances, 12, 5, CancellationToken.None);
        var prices = ClassPrices.Of(distances, 5, CancellationToken.None);

        // SciPy's linprog on the 60 unknowns: 11.487335561672277.
        Assert.Equal([0, 1, 0, 0, 0, 0, 2, 3, 4, 0, 0, 0], chosen);
        Assert.Equal(11.487335561672277, chosen.Select((c, row) => distances[(row * 5) + c]).Sum(), 1e-12);
        // The dual program's value is the same, and rows that follow the prices choose as the plan does.
        var followed = Enumerable
            .Range(0, 12)
            .Select(row => Enumerable.Range(0, 5).MinBy(c => distances[(row * 5) + c] - prices[c]))
            .ToArray();
        var dual = prices.Sum() + followed.Select((c, row) => distances[(row * 5) + c] - prices[c]).Sum();
        Assert.Equal(chosen, followed);
        Assert.Equal(11.487335561672277, dual, 1e-12);
        Assert.All(prices, price => Assert.True(price >= 0));
        Assert.Equal(0, prices[0]);
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(30, 9)]
    [InlineData(200, 12)]
    public void Of_AnyDistances_GivesPricesThatRowsFollowToThePlan(int rows, int classes)
    {
        var random = new Random(rows);
        var distances = new double[rows * classes];
        for (var at = 0; at < distances.Length; at++)
        {
            distances[at] = random.NextDouble() + (at % classes % 4); // whole groups of classes are nobody's nearest
        }

        var chosen = ClassPrices.Assign(distances, rows, classes, CancellationToken.None);
        var prices = ClassPrices.Of(distances, classes, CancellationToken.None);

        Assert.Equal(classes, chosen.Distinct().Count());
        Assert.All(
            chosen.Select((c, row) => (c, row)),
            pair =>
                Assert.Equal(
                    pair.c,
                    Enumerable.Range(0, classes).MinBy(c => distances[(pair.row * classes) + c] - prices[c])
                )
        );
    }

    [Fact]
    public void Fit_EveryClassIsSomeRowsNearest_IsTheNearestClassMean()
    {
        var (source, target) = (Toy.Source(rows: 90, classes: 3), Toy.LabeledTarget(rows: 60, classes: 3));
        using var centers = new EasyTransferLearning().Fit(source, target.Inputs);

        var classes = nn.functional.one_hot(source.Labels, 3).to(float32);
        var means = classes.t().matmul(source.Inputs) / 30;
        var expected = (target.Inputs.unsqueeze(1) - means).norm(2).argmin(1);

        Assert.True(centers.Predict(target.Inputs).argmax(1).equal(expected).all().item<bool>());
        Assert.Equal(0, centers.Prices.abs().max().ToDouble());
    }

    [Fact]
    public void Fit_AClassThatTheSourceLacks_IsNeverPredicted()
    {
        var (inputs, labels) = Toy.Clouds(40, seed: 1);
        var source = new LabeledDomain(inputs, labels * 2, space: LabelSpace.Classes(4));
        using var centers = new EasyTransferLearning().Fit(source, inputs);

        var chosen = centers.Predict(inputs).argmax(1);

        Assert.True(chosen.remainder(2).eq(0).all().item<bool>());
    }

    [Fact]
    public void Fit_InAChain_ReadsTheTargetAndComesBackFromAFile()
    {
        var (source, target) = (Toy.Source(rows: 160), Toy.LabeledTarget());
        using var folder = new TemporaryFolder();

        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Add(new EasyTransferLearning())
            .Fit(source, target.WithoutLabels());
        model.Save(folder.File("model"));
        using var loaded = AdaptedModel.Load(folder.File("model"));

        Assert.True(model.PredictClasses(target.Inputs).eq(target.Labels).to(float64).mean().item<double>() > 0.9);
        Assert.True(model.Predict(target.Inputs).equal(loaded.Predict(target.Inputs)).all().item<bool>());
    }

    [Fact]
    public void Fit_FewerRowsThanClasses_IsRefused()
    {
        var source = Toy.Source(rows: 40, classes: 5);
        var few = source.Inputs.narrow(0, 0, 4);
        var fault = Assert.Throws<ArgumentException>(() => new EasyTransferLearning().Fit(source, few));
        Assert.Equal("target", fault.ParamName);
        Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder().Add(new EasyTransferLearning()).Fit(source, new UnlabeledDomain(few))
        );
    }

    public void Dispose() => scope.Dispose();
}
