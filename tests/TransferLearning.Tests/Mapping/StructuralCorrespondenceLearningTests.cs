using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class StructuralCorrespondenceLearningTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_WavyRows_GivesTheFeaturesThatAreComputedStepByStep()
    {
        var (source, target) = (Source(), Waves(30, 0.9, 0.1));
        using var map = new StructuralCorrespondenceLearning
        {
            Pivots = 3,
            MinRows = 14,
            Components = 2,
            Penalty = 0.5,
            PenaltyScale = PenaltyScale.Absolute,
            Scale = 2,
        }.Fit(source, target);

        var (first, second) = (map.Structure.Extract(source.Inputs), map.Structure.Extract(target));
        double Product(Tensor left, Tensor right) => left.dot(right).ToDouble();

        // NumPy: information class by class, three ridge regressions, the singular vectors of their weights above 0.
        Assert.Equal([3L, 1, 6], map.Pivots.data<long>().ToArray());
        Assert.Equal(0.71324161, Product(first[0], first[0]), 1e-7);
        Assert.Equal(0.91854783, Product(first[0], first[1]), 1e-7);
        Assert.Equal(0.9699026, Product(first[0], second[0]), 1e-7);
        Assert.Equal(1.29064019, Product(second[0], second[1]), 1e-7);
    }

    [Fact]
    public void Fit_AnyRows_KeepsTheFeaturesAndGivesTheNewOnesTheirLength()
    {
        var (source, target) = (Source(), Waves(30, 0.9, 0.1));
        using var map = new StructuralCorrespondenceLearning { Components = 2, Scale = 0.5 }.Fit(source, target);

        var rows = cat([source.Inputs, target]);
        var mapped = map.Extract(rows);
        var added = mapped.narrow(1, 8, 2);

        Assert.True(mapped.narrow(1, 0, 8).equal(rows).all().item<bool>());
        Assert.True(added.mean([0L]).abs().max().item<double>() < 1e-12);
        Assert.Equal(0.25, (added.square().sum(1).mean() / rows.square().sum(1).mean()).item<double>(), 1e-9);
    }

    [Fact]
    public void Fit_WordsOfOneDomainOnly_FindTheirMeaningThroughThePivots()
    {
        // Words 0-3 say the class in both domains, at times; 4-7 say it in the source alone, 8-11 in the target alone;
        // the rest is chatter.
        static (Tensor Inputs, Tensor Labels) Reviews(int own, long seed)
        {
            using var generator = new RandomKey(seed).Generator();
            var labels = arange(400, dtype: int64).remainder(2);
            var chance = full([400, 20], 0.3, float64);
            void Say(long first, double often)
            {
                chance.narrow(1, first, 2).copy_(labels.to(float64).unsqueeze(1) * often);
                chance.narrow(1, first + 2, 2).copy_((1 - labels.to(float64)).unsqueeze(1) * often);
            }
            Say(0, 0.25);
            chance.narrow(1, 4, 8).fill_(0);
            Say(own, 0.5);
            return ((rand([400, 20], dtype: float64, generator: generator) < chance).to(float64), labels);
        }
        var (inputs, labels) = Reviews(4, 1);
        var (target, hidden) = Reviews(8, 2);
        var source = new LabeledDomain(inputs, labels);
        double Accuracy(AdaptationBuilder builder)
        {
            using var model = builder
                .Learn(new Predictors.LogisticRegression())
                .Fit(source, new UnlabeledDomain(target));
            return model.PredictClasses(target).eq(hidden).to(float64).mean().item<double>();
        }

        var alone = Accuracy(new AdaptationBuilder());
        var mapped = Accuracy(
            new AdaptationBuilder().Map(
                new StructuralCorrespondenceLearning
                {
                    Pivots = 4,
                    Components = 2,
                    Penalty = 1,
                    Scale = 2,
                }
            )
        );

        Assert.True(mapped > alone + 0.05, $"{mapped} against {alone}");
    }

    [LongFact]
    public void Fit_ReviewsOfOtherGoods_GainsOnTheSourceAlone()
    {
        var (alone, mapped) = (new List<double>(), new List<double>());
        foreach (var (from, to) in Reviews.Pairs)
        {
            alone.Add(Reviews.Accuracy(from, to, new AdaptationBuilder()));
            mapped.Add(Reviews.Accuracy(from, to, new AdaptationBuilder().Map(new StructuralCorrespondenceLearning())));
            output.WriteLine($"{from} to {to}: {alone[^1]:F2}, {mapped[^1]:F2}");
        }
        output.WriteLine($"means {alone.Average():F2}, {mapped.Average():F2}");
        Assert.True(mapped.Average() > alone.Average() + 0.5, $"{mapped.Average():F2} against {alone.Average():F2}");
    }

    [Fact]
    public void Fit_ByFrequency_TakesTheFeaturesThatBothDomainsHoldMost()
    {
        var source = new LabeledDomain(Waves(40, 0.7, 0.3), arange(40, dtype: float64));
        using var map = new StructuralCorrespondenceLearning { Pivots = 3 }.Fit(source, Waves(30, 0.9, 0.1));
        // 20, 17 and 17 rows of the domain that holds them more rarely.
        Assert.Equal([5L, 0, 1], map.Pivots.data<long>().ToArray());
    }

    [Theory]
    [InlineData(5, 2, 1.0, "Pivots")]
    [InlineData(3, 4, 1.0, "Components")]
    [InlineData(3, 2, 0.0, "Penalty")]
    public void Fit_BadSettings_NamesThem(int pivots, int components, double penalty, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new StructuralCorrespondenceLearning
            {
                Pivots = pivots,
                Components = components,
                Penalty = penalty,
            }.Fit(Source(), Waves(30, 0.9, 0.1))
        );
        Assert.Equal(name, fault.ParamName);
    }

    [Fact]
    public void Fit_MoreComponentsThanTheDefaultPivots_NamesThem()
    {
        var source = new LabeledDomain(ones(4, 300, float64), arange(4, dtype: int64).remainder(2));
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new StructuralCorrespondenceLearning { Components = 101 }.Fit(source, ones(4, 300, float64))
        );
        Assert.Equal("Components", fault.ParamName);
    }

    [Fact]
    public void Fit_NoFeatureInBothDomains_SaysSo()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            new StructuralCorrespondenceLearning().Fit(Source(), -Waves(30, 0.9, 0.1))
        );
        Assert.Contains("lower MinRows", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Source() => new(Waves(40, 0.7, 0.3), arange(40, dtype: int64).remainder(2));

    private static Tensor Waves(long rows, double slope, double shift)
    {
        var i = arange(rows, dtype: float64).unsqueeze(1);
        var j = arange(8, dtype: float64);
        return (((i + 1) * (j + 2) * slope) + (j * shift)).sin().clamp_min(0);
    }
}
