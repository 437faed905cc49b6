using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Learning by joint transport, and what transport brings on deep features of real images.</summary>
public sealed class JointDistributionOptimalTransportTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // numpy and ot.emd 0.8.2 in the same turns, ridge penalty 1 with a free intercept, on the same rows.
    [Fact]
    public void Fit_OfFormulaRows_PredictsAsThePeersTurnsDo()
    {
        var i = arange(14, dtype: float64).unsqueeze(1);
        var features = arange(3, dtype: float64);
        var x = ((i * 1.3) + (features * 2.1)).sin();
        var values = cat([x.narrow(1, 0, 1) + (x.narrow(1, 1, 1) * 0.5), x.narrow(1, 2, 1).square()], 1);
        var target = ((x.narrow(0, 0, 11) * 1.2) + 0.7).roll(1, 1);

        using var predictor = (LinearPredictor)
            new JointDistributionOptimalTransport(new RidgeRegression { PenaltyScale = PenaltyScale.Absolute })
            {
                MaxTurns = 3,
            }.Fit(new LabeledDomain(x, values), target);

        var predicted = predictor.Predict(target.narrow(0, 0, 3));
        Assert.True(
            predicted.allclose(
                tensor(
                    new[,]
                    {
                        { -0.638804538782, 0.523927062306 },
                        { -0.138082236247, 0.616309611286 },
                        { 0.707769449208, 0.56630247806 },
                    }
                ),
                1e-6,
                1e-8
            ),
            $"{predicted.data<double>()[0]}"
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_TurnByTurn_NeverRaisesTheObjective(bool isClasses)
    {
        var (source, target) = (Toy.Source(rows: 60, classes: 3), Toy.LabeledTarget(rows: 45, classes: 3).Inputs);
        var rows = source.Inputs.to(float64);
        var domain = isClasses
            ? new LabeledDomain(rows, source.Labels)
            : new LabeledDomain(rows, rows.narrow(1, 0, 2) * 3);
        var labels = isClasses ? nn.functional.one_hot(source.Labels).to(float64) : domain.Labels;
        var (x, y) = (rows, target.to(float64));

        double Objective(int turns)
        {
            var transport = new JointDistributionOptimalTransport { MaxTurns = turns, FeatureWeight = 0.2 };
            using var predictor = (LinearPredictor)transport.Fit(domain, y);
            var cost = (SquaredDistances.Between(x, y) * 0.2) + SquaredDistances.Between(labels, predictor.Predict(y));
            var plan = new ExactTransport().Plan(new TransportProblem(cost));
            // The learner's penalty of 1 stands beside 45 squared errors, each of mass 1/45 here.
            return (plan * cost).sum().ToDouble() + (predictor.Weight.square().sum().ToDouble() / 45);
        }
        var reached = new[] { 1, 2, 3, 10 }.Select(Objective).ToList();

        Assert.All(reached.Zip(reached.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1e-9));
        Assert.True(reached[^1] < reached[0]);
    }

    [Fact]
    public void Fit_OfNegativeWeightOrNoTurns_NamesTheArgument()
    {
        var (source, target) = (Toy.Source(rows: 20), Toy.LabeledTarget(rows: 20).Inputs);
        void Names(string name, JointDistributionOptimalTransport transport) =>
            Assert.Equal(
                name,
                Assert.Throws<ArgumentOutOfRangeException>(() => transport.Fit(source, target)).ParamName
            );
        Names("FeatureWeight", new JointDistributionOptimalTransport { FeatureWeight = -1 });
        Names("MaxTurns", new JointDistributionOptimalTransport { MaxTurns = 0 });
    }

    // The same by Python Optimal Transport 0.8.2 (for joint transport its turns in numpy): 1-NN 84.1, ridge 88.1;
    // class-sparse 88.1, Laplacian 87.5, joint 95.9.
    [LongFact]
    public void Transport_FromAmazonToWebcam_BeatsLearningOnTheSourceAlone()
    {
        const string File = "googlenet1024_aw.npz";
        var (source, target) = (OfficeImages.Domain(File, "amazon"), OfficeImages.Domain(File, "webcam"));
        double Accuracy(AdaptationBuilder chain)
        {
            using var model = chain.Fit(source, target.WithoutLabels());
            return OfficeImages.Accuracy(model, target);
        }
        double Moved(ITransportSolver solver) =>
            Accuracy(
                new AdaptationBuilder()
                    .Map(new OptimalTransport(solver) { NormalizesCost = true })
                    .Learn(new NearestNeighbor())
            );
        var nearest = Accuracy(new AdaptationBuilder().Learn(new NearestNeighbor()));
        var ridge = Accuracy(new AdaptationBuilder().Learn(new RidgeRegression()));

        var classSparse = Moved(new ClassSparseTransport(0.05));
        var laplacian = Moved(new LaplacianTransport(0.1 * source.Count) { MaxSteps = 5 });
        var joint = Accuracy(new AdaptationBuilder().Add(new JointDistributionOptimalTransport()));

        output.WriteLine($"1-NN {nearest:F1}, ridge {ridge:F1}; {classSparse:F1}, {laplacian:F1}, {joint:F1}");
        Assert.True(classSparse > nearest + 1.5, $"{classSparse} after {nearest}");
        Assert.True(laplacian > nearest + 1.2, $"{laplacian} after {nearest}");
        Assert.True(joint > ridge + 3, $"{joint} after {ridge}");
    }

    public void Dispose() => scope.Dispose();
}
