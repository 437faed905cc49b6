using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class JointGeometricalStatisticalAlignmentTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy's generalised symmetric solver on the two 2d x 2d matrices, pseudo labels by the nearest neighbour; inner products leave signs open.
    [Theory]
    [InlineData(1, 0.695582527, -0.970759711, 1.363348709, 0.141220616, -0.384193673, 0.476151777)]
    [InlineData(3, 0.416609378, -0.55281882, 1.013957809, 0.392882233, -0.516036871, 0.751181877)]
    public void Fit_WavyRows_GivesTheInnerProductsOfADenseSolver(
        int rounds,
        double first,
        double both,
        double second,
        double across,
        double acrossToo,
        double last
    )
    {
        var (source, target) = (Waves.Source(), Waves.Target());
        var (ofSource, ofTarget) = new JointGeometricalStatisticalAlignment
        {
            Components = 2,
            SubspaceWeight = 0.5,
            VarianceWeight = 2,
            DiscriminationWeight = 0.3,
            Rounds = rounds,
        }.Fit(source, target);

        var (mapped, mappedTarget) = (ofSource.Extract(source.Inputs), ofTarget.Extract(target));
        var within = mapped.matmul(mapped.t());
        var between = mapped.matmul(mappedTarget.t());

        double[] expected = [first, both, second, across, acrossToo, last];
        double[] got =
        [
            within[0, 0].ToDouble(),
            within[0, 1].ToDouble(),
            within[1, 1].ToDouble(),
            between[0, 0].ToDouble(),
            between[0, 1].ToDouble(),
            between[1, 1].ToDouble(),
        ];
        Assert.All(expected.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Fit_HeavySubspaceWeight_MakesTheProjectionsOne()
    {
        var (source, target) = (Toy.Source(rows: 60, classes: 3), Toy.LabelledTarget(rows: 45, classes: 3).Inputs);

        double Gap(double weight)
        {
            var (a, b) = new JointGeometricalStatisticalAlignment { SubspaceWeight = weight, Components = 2 }.Fit(
                source,
                target
            );
            return ((a.Matrix - b.Matrix).norm() / b.Matrix.norm()).ToDouble();
        }

        Assert.True(Gap(1e6) < 1e-3);
        Assert.True(Gap(1e-2) > 0.05);
    }

    [Fact]
    public void Fit_TurnedClouds_ReadsTheTargetBetterThanTheSourceAlone()
    {
        var source = Toy.Source(rows: 120, classes: 3);
        var (inputs, labels) = Toy.Clouds(90, seed: 2, classes: 3, angle: 0.9);
        double Accuracy(AdaptationBuilder builder)
        {
            using var model = builder
                .Learn(new Predictors.NearestNeighbour())
                .Fit(source, new UnlabelledDomain(inputs));
            return model.PredictClasses(inputs).eq(labels).to(float64).mean().item<double>();
        }

        var alone = Accuracy(new AdaptationBuilder());
        var aligned = Accuracy(
            new AdaptationBuilder().Map(new JointGeometricalStatisticalAlignment { Components = 2 })
        );

        Assert.True(aligned > alone + (0.5 * (1 - alone)), $"{aligned} against {alone}");
    }

    [Theory]
    [InlineData(0, 1, 1, "Components")]
    [InlineData(5, 1, 1, "Components")]
    [InlineData(2, 0, 1, "SubspaceWeight")]
    [InlineData(2, 1, 0, "VarianceWeight")]
    public void Fit_BadSettings_NamesThem(int components, double subspace, double variance, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new JointGeometricalStatisticalAlignment
            {
                Components = components,
                SubspaceWeight = subspace,
                VarianceWeight = variance,
            }.Fit(Waves.Source(), Waves.Target())
        );
        Assert.Equal(name, fault.ParamName);
    }

    [Fact]
    public void Fit_Values_NamesTheSource()
    {
        var source = new LabelledDomain(Waves.Target(), Waves.Target());
        var fault = Assert.Throws<ArgumentException>(() =>
            new JointGeometricalStatisticalAlignment().Fit(source, Waves.Target())
        );
        Assert.Equal("source", fault.ParamName);
    }

    public void Dispose() => scope.Dispose();
}
