using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class JointGeometricalAndStatisticalAlignmentTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy's generalized symmetric solver on the two 2d x 2d matrices, pseudo labels by the nearest neighbor, the
    // first ones on the rows as they are; inner products leave signs open.
    [Theory]
    [InlineData(1, 0.155618580, -0.226747955, 0.469625605, -0.030357889, -0.064724473, 0.366894552)]
    [InlineData(3, 0.163472632, -0.293943580, 0.764455328, -0.009978283, -0.138553737, 0.645530459)]
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
        var (ofSource, ofTarget) = new JointGeometricalAndStatisticalAlignment
        {
            PenaltyScale = PenaltyScale.Absolute,
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
        var (source, target) = (Toy.Source(rows: 60, classes: 3), Toy.LabeledTarget(rows: 45, classes: 3).Inputs);

        double Gap(double weight)
        {
            var (a, b) = new JointGeometricalAndStatisticalAlignment { SubspaceWeight = weight, Components = 2 }.Fit(
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
            using var model = builder.Learn(new Predictors.NearestNeighbor()).Fit(source, new UnlabeledDomain(inputs));
            return model.PredictClasses(inputs).eq(labels).to(float64).mean().item<double>();
        }

        var alone = Accuracy(new AdaptationBuilder());
        var aligned = Accuracy(
            new AdaptationBuilder().Map(new JointGeometricalAndStatisticalAlignment { Components = 2 })
        );

        Assert.True(aligned > alone + (0.5 * (1 - alone)), $"{aligned} against {alone}");
    }

    // Zhang, Li and Ogunbona 2017 have a mean of 74.3. The nearest neighbor alone reads 55.3, this without pseudo
    // labels in the first round 62.7.
    [Fact]
    public void Fit_SmallDigits_ComesNearThePublishedMean()
    {
        var file = SharedData.File("digits", "mnist2000_usps1800_16x16.npz");
        LabeledDomain Digits(string name) =>
            new(NumpyBytes.Read(file, name + "_x"), NumpyBytes.Read(file, name + "_y"), space: LabelSpace.Classes(10));
        double Accuracy(LabeledDomain source, LabeledDomain target)
        {
            using var model = new AdaptationBuilder()
                .Map(new UnitLength())
                .Map(new JointGeometricalAndStatisticalAlignment { Components = 100, DiscriminationWeight = 0.01 })
                .Learn(new Predictors.NearestNeighbor())
                .Fit(source, target.WithoutLabels());
            return 100 * model.PredictClasses(target.Inputs).eq(target.Labels).to(float64).mean().item<double>();
        }
        var (mnist, usps) = (Digits("mnist"), Digits("usps"));

        var mean = (Accuracy(mnist, usps) + Accuracy(usps, mnist)) / 2;

        Assert.True(mean > 72, $"{mean:F1}");
    }

    [Theory]
    [InlineData(0, 1, 1, "Components")]
    [InlineData(5, 1, 1, "Components")]
    [InlineData(2, 0, 1, "SubspaceWeight")]
    [InlineData(2, 1, 0, "VarianceWeight")]
    public void Fit_BadSettings_NamesThem(int components, double subspace, double variance, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new JointGeometricalAndStatisticalAlignment
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
        var source = new LabeledDomain(Waves.Target(), Waves.Target());
        var fault = Assert.Throws<ArgumentException>(() =>
            new JointGeometricalAndStatisticalAlignment().Fit(source, Waves.Target())
        );
        Assert.Equal("source", fault.ParamName);
    }

    public void Dispose() => scope.Dispose();
}
