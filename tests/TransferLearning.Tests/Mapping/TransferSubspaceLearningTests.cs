using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class TransferSubspaceLearningTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy: BFGS with numerical gradients from the same start; densities and ratios summed pair by pair and class by
    // class. Two rows of the projector WW'.
    [Fact]
    public void Fit_PrincipalVariance_FindsTheSubspaceOfAnotherSolver() =>
        Finds(
            new PrincipalVariance(),
            3,
            [0.354817547, -0.170656651, 0.40377893, -0.191731423, -0.170656651, 0.2679862, -0.294159697, -0.283753373]
        );

    [Fact]
    public void Fit_FisherRatio_FindsTheSubspaceOfAnotherSolver() =>
        Finds(
            new FisherRatio(),
            3,
            [0.358386287, 0.048630855, 0.476978926, -0.008467624, 0.048630855, 0.983260075, -0.036836485, -0.11286192]
        );

    [Fact]
    public void Fit_FisherRatioAlone_FindsTheSubspaceOfAnotherSolver() =>
        Finds(
            new FisherRatio(),
            0,
            [0.430962714, -0.018382007, 0.494403213, -0.021480633, -0.018382007, 0.993104044, 0.012302184, -0.079744339]
        );

    [Fact]
    public void Fit_LocalityPreservation_FindsTheSubspaceOfAnotherSolver() =>
        Finds(
            new LocalityPreservation(2),
            3,
            [0.5869824, 0.025355217, 0.38705809, -0.303277447, 0.025355217, 0.900484063, -0.203098522, -0.218450494]
        );

    [Fact]
    public void Fit_PrincipalVarianceWithoutDivergence_IsThePrincipalSubspaceOfTheSource()
    {
        var source = Waves.Source();
        using var map = Fitted(new PrincipalVariance(), 0);
        var centered = source.Inputs - source.Inputs.mean([0L]);
        var (_, vectors) = linalg.eigh(centered.t().matmul(centered));
        var axes = vectors.narrow(1, 2, 2);
        Assert.True(Projector(map.Matrix).allclose(Projector(axes), 1e-5, 1e-6));
    }

    [Fact]
    public void Fit_AnyRows_GivesOrthonormalDirectionsOfUncorrelatedFeatures()
    {
        using var map = Fitted(new FisherRatio(), 1);
        var features = map.Extract(cat([Waves.Source().Inputs, Waves.Target()]));
        features -= features.mean([0L]);
        Assert.True(map.Matrix.t().matmul(map.Matrix).allclose(eye(2, dtype: float64), 1e-10, 1e-10));
        Assert.True(features.select(1, 0).dot(features.select(1, 1)).abs().item<double>() < 1e-9);
    }

    [Fact]
    public void Fit_AStrongFeatureOfTheDomain_IsLeftOut()
    {
        // Feature 0 tells the classes but drifts far; feature 1 tells them less well and stays.
        static (Tensor Inputs, Tensor Labels) Rows(long seed, double drift)
        {
            using var generator = new RandomKey(seed).Generator();
            var labels = arange(120, dtype: int64).remainder(2);
            var rows = randn([120, 4], dtype: float64, generator: generator);
            rows.select(1, 0).add_(labels.to(float64) * 6).add_(drift);
            rows.select(1, 1).add_(labels.to(float64) * 4);
            return (rows, labels);
        }
        var (inputs, labels) = Rows(1, 0);
        var (target, hidden) = Rows(2, 8);
        double Accuracy(double weight)
        {
            using var model = new AdaptationBuilder()
                .Map(new TransferSubspaceLearning { Components = 1, DivergenceWeight = weight })
                .Learn(new NearestNeighbor())
                .Fit(new LabeledDomain(inputs, labels), new UnlabeledDomain(target));
            return model.PredictClasses(target).eq(hidden).to(float64).mean().item<double>();
        }

        var (plain, adapted) = (Accuracy(0), Accuracy(3));

        Assert.True(adapted > 0.85 && plain < 0.7, $"{adapted} against {plain}");
    }

    [Fact]
    public void Fit_RowsOfFewDimensions_LimitsTheDirections()
    {
        var source = Waves.Source();
        var flat = source.Inputs.clone();
        flat.narrow(1, 2, 2).fill_(0);
        var target = Waves.Target().clone();
        target.narrow(1, 2, 2).fill_(0);
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TransferSubspaceLearning { Components = 3 }.Fit(source.WithInputs(flat), target)
        );
        Assert.Equal("Components", fault.ParamName);
    }

    [Theory]
    [InlineData(-1.0, 1.0, "DivergenceWeight")]
    [InlineData(1.0, 0.0, "Bandwidth")]
    public void Fit_BadSettings_NamesThem(double weight, double bandwidth, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TransferSubspaceLearning { DivergenceWeight = weight, Bandwidth = bandwidth }.Fit(
                Waves.Source(),
                Waves.Target()
            )
        );
        Assert.Equal(name, fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static AffineMap Fitted(ISubspaceObjective objective, double weight) =>
        new TransferSubspaceLearning
        {
            Objective = objective,
            Components = 2,
            DivergenceWeight = weight,
            Bandwidth = 1,
            Tolerance = 1e-9,
            MaxSteps = 1000,
        }.Fit(Waves.Source(), Waves.Target());

    private static void Finds(ISubspaceObjective objective, double weight, double[] expected)
    {
        using var map = Fitted(objective, weight);
        var rows = Projector(map.Matrix).narrow(0, 0, 2).reshape(-1);
        Assert.True(
            rows.allclose(tensor(expected, dtype: float64), 1e-5, 1e-5),
            string.Join(", ", rows.contiguous().data<double>().ToArray())
        );
    }

    private static Tensor Projector(Tensor directions) => directions.matmul(directions.t());
}
