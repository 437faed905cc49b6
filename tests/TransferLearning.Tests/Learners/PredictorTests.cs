using TransferLearning.Kernels;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Learners;

/// <summary>Shallow predictors against scikit-learn 1.2.1 on twelve weighted rows.</summary>
public sealed class PredictorTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor inputs;
    private readonly Tensor values;
    private readonly Tensor labels;
    private readonly Tensor weights;
    private readonly Tensor queries = tensor(
        new[,]
        {
            { 0.3, 0.4 },
            { -1.0, 1.2 },
            { 1.5, -0.3 },
        }
    );

    public PredictorTests()
    {
        var i = arange(12, dtype: float64);
        inputs = stack([(i * 1.3).sin() * 2, (i * 0.7).cos() + (i * 0.1)], 1);
        var (x, y) = (inputs.select(1, 0), inputs.select(1, 1));
        values = stack([(x * 2) - y + (i * 5).sin(), y.square()], 1);
        labels = arange(12, dtype: int64).remainder(3);
        weights = (arange(12, dtype: int64).remainder(4).to(float64) * 0.5) + 0.25;
    }

    [Fact]
    public void Ridge_WeightedRows_GivesScikitLearnsCoefficients()
    {
        using var fitted = (LinearPredictor)
            new RidgeRegression(0.7) { PenaltyScale = PenaltyScale.Absolute }.Fit(
                new LabeledDomain(inputs, values, weights)
            );

        Near([1.43659749, -0.21392994, -0.85817096, 1.33651535], fitted.Weight, 1e-8);
        Near([-0.06270293, 0.23013571], fitted.Bias, 1e-8);
    }

    [Fact]
    public void Ridge_MoreFeaturesThanRows_EqualsTheOtherSpace()
    {
        // The same rows with a feature that is always 0 as often as needed: the solution must not change.
        var wide = cat([inputs, zeros(12, 30, float64)], 1);
        using var narrow = (LinearPredictor)
            new RidgeRegression(0.7) { PenaltyScale = PenaltyScale.Absolute }.Fit(
                new LabeledDomain(inputs, values, weights)
            );
        using var other = (LinearPredictor)
            new RidgeRegression(0.7) { PenaltyScale = PenaltyScale.Absolute }.Fit(
                new LabeledDomain(wide, values, weights)
            );

        Assert.True(other.Weight.narrow(0, 0, 2).allclose(narrow.Weight, 1e-10, 1e-10));
        Assert.True(other.Bias.allclose(narrow.Bias, 1e-10, 1e-10));
    }

    [Fact]
    public void Logistic_WeightedRows_GivesScikitLearnsProbabilities()
    {
        var learner = new LogisticRegression
        {
            InversePenalty = 0.8,
            PenaltyScale = PenaltyScale.Absolute,
            Tolerance = 1e-11,
        };
        using var fitted = (LinearPredictor)learner.Fit(new LabeledDomain(inputs, labels, weights));

        Near(
            [0.36005498, 0.37140101, 0.268544, 0.15644885, 0.37405115, 0.4695, 0.28719109, 0.31083664, 0.40197226],
            fitted.Predict(inputs.narrow(0, 0, 3)).softmax(1),
            1e-6
        );
    }

    /// <summary>SciPy's BFGS and Nelder-Mead on the same function, from three starts.</summary>
    [Fact]
    public void LinearSupportVectorMachine_WeightedRows_MinimizesTheSquaredHinge()
    {
        var learner = new LinearSupportVectorMachine
        {
            InversePenalty = 0.8,
            PenaltyScale = PenaltyScale.Absolute,
            Tolerance = 1e-11,
        };
        using var fitted = (LinearPredictor)learner.Fit(new LabeledDomain(inputs, labels, weights));

        Near([-0.28580008, 0.04754499, 0.23825509, -0.28743643, 0.38285846, -0.09542202], fitted.Weight, 1e-7);
        Near([0.02985729, -0.62919887, -0.40065844], fitted.Bias, 1e-7);
    }

    /// <summary>scikit-learn's LinearSVC by its primal solver, class by class.</summary>
    [Fact]
    public void LinearSupportVectorMachine_PenalizedIntercept_GivesLiblinearsMachine()
    {
        var learner = new LinearSupportVectorMachine
        {
            InversePenalty = 0.8,
            PenaltyScale = PenaltyScale.Absolute,
            PenalizesIntercept = true,
            Tolerance = 1e-12,
        };
        using var fitted = (LinearPredictor)learner.Fit(new LabeledDomain(inputs, labels, weights));

        Near([-0.28550396, 0.04130459, 0.23428136, -0.28588547, 0.3501742, -0.11623455], fitted.Weight, 1e-7);
        Near([0.0271845, -0.57287352, -0.36479183], fitted.Bias, 1e-7);
    }

    /// <summary>scikit-learn's SVC, class by class.</summary>
    [Fact]
    public void SupportVectorMachine_WeightedRows_GivesLibsvmsMachines()
    {
        var learner = new SupportVectorMachine { Kernel = new GaussianKernel(0.5), InversePenalty = 3 };
        var domain = new LabeledDomain(inputs, labels, weights);
        using var fitted = (KernelPredictor)learner.Fit(domain);
        using var pair = (KernelPredictor)
            learner.Fit(new LabeledDomain(inputs, labels.eq(0).to(int64), weights, LabelSpace.Classes(2)));

        var expected = new[]
        {
            -0.88893221,
            0.2405634,
            -0.40104476,
            1.04467273,
            -0.57862159,
            -1.38015825,
            0.42696695,
            -1.41502838,
            -0.33434489,
        };
        Near(expected, fitted.Predict(queries), 1e-5);
        Near([0.88893221, -0.88893221, -1.04467273, 1.04467273, -0.42696695, 0.42696695], pair.Predict(queries), 1e-5);
        // Of a linear kernel in the rows' own unit.
        var linear = learner with
        {
            Kernel = new LinearKernel(),
            PenaltyScale = PenaltyScale.Absolute,
        };
        Near([-0.45979902, 0.59676499, -1.43739345], linear.Fit(domain).Predict(queries).select(1, 0), 1e-5);
    }

    [Fact]
    public void Fit_RowsInAnotherUnitAndPlace_PredictsTheSame()
    {
        ILabelLearner[] learners =
        [
            new SupportVectorMachine(),
            new SupportVectorMachine { Kernel = new LinearKernel() },
            new RidgeRegression(0.7),
            new LogisticRegression(),
            new LinearSupportVectorMachine(),
        ];
        foreach (var learner in learners)
        {
            var expected = learner.Fit(new LabeledDomain(inputs, labels, weights)).Predict(queries);
            var moved = learner.Fit(new LabeledDomain((inputs * 1e4) + 2e6, labels, weights * 3));
            Assert.True(moved.Predict((queries * 1e4) + 2e6).allclose(expected, 1e-6, 1e-6), learner.ToString());
        }
    }

    [Fact]
    public void NearestNeighbor_FourNeighbors_VotesAndAveragesByWeight()
    {
        using var votes = (NeighborVote)new NearestNeighbor(4).Fit(new LabeledDomain(inputs, labels, weights));
        using var means = (NeighborVote)new NearestNeighbor(4).Fit(new LabeledDomain(inputs, values, weights));

        Near([0.25, 1.75, 2, 2.75, 0, 0.25, 1.25, 0.75, 2], votes.Predict(queries), 1e-12);
        Near(
            [
                0.49785810684155396,
                0.484824438859125,
                -2.5586618150668543,
                1.217044153186323,
                1.8629532855630508,
                0.22249570107228428,
            ],
            means.Predict(queries),
            1e-12
        );
    }

    [Fact]
    public void Fit_IntegerWeights_EqualRowsRepeated()
    {
        var counts = arange(12, dtype: int64).remainder(3) + 1;
        var weighted = new LabeledDomain(inputs, labels, counts.to(float64));
        var rows = arange(12, dtype: int64).repeat_interleave(counts);
        var repeated = new LabeledDomain(inputs.index_select(0, rows), labels.index_select(0, rows));
        // Learners bring weights to mean 1: 24 repeated rows pull twice as hard as 12 weighted ones.
        var logistic = new LogisticRegression { Tolerance = 1e-10 };
        var machine = new SupportVectorMachine { Kernel = new GaussianKernel(0.5) };
        (ILabelLearner Weighted, ILabelLearner Repeated)[] learners =
        [
            (new RidgeRegression(0.7), new RidgeRegression(1.4)),
            (logistic with { InversePenalty = 2 }, logistic),
            (
                new LinearSupportVectorMachine { InversePenalty = 2, Tolerance = 1e-10 },
                new LinearSupportVectorMachine { Tolerance = 1e-10 }
            ),
            (machine with { InversePenalty = 2 }, machine),
        ];

        foreach (var (ofWeighted, ofRepeated) in learners)
        {
            var expected = ofRepeated.Fit(repeated).Predict(queries);
            Assert.True(ofWeighted.Fit(weighted).Predict(queries).allclose(expected, 1e-6, 1e-6));
        }
    }

    [Fact]
    public void Fit_WrongSettings_NameThem()
    {
        var classes = new LabeledDomain(inputs, labels);
        void Names(string name, Action fit) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(fit).ParamName);

        Names("Penalty", () => new RidgeRegression(-1).Fit(classes));
        Names("Neighbors", () => new NearestNeighbor(13).Fit(classes));
        Names("InversePenalty", () => new LogisticRegression { InversePenalty = 0 }.Fit(classes));
        Names("MaxSteps", () => new LogisticRegression { MaxSteps = 0 }.Fit(classes));
        Names("data", () => new LogisticRegression().Fit(new LabeledDomain(inputs, values)));
        Names("InversePenalty", () => new LinearSupportVectorMachine { InversePenalty = 0 }.Fit(classes));
        Names("MaxSteps", () => new LinearSupportVectorMachine { MaxSteps = 0 }.Fit(classes));
        Names("data", () => new LinearSupportVectorMachine().Fit(new LabeledDomain(inputs, values)));
        Names("InversePenalty", () => new SupportVectorMachine { InversePenalty = 0 }.Fit(classes));
        Names("data", () => new SupportVectorMachine().Fit(new LabeledDomain(inputs, values)));
    }

    [Fact]
    public void NearestNeighbor_RowsWithoutWeight_AreLeftOut()
    {
        var rows = tensor(new[] { 0.0, 1, 5, 6 }).unsqueeze(1);
        var without = tensor(new[] { 0.0, 1, 0, 1 });
        using var votes = (NeighborVote)
            new NearestNeighbor().Fit(new LabeledDomain(rows, tensor(new long[] { 0, 1, 0, 2 }), without));
        using var means = (NeighborVote)new NearestNeighbor(2).Fit(new LabeledDomain(rows, rows.squeeze(1), without));

        Assert.Equal([1, 2], votes.Predict(rows.index_select(0, tensor(new long[] { 0, 2 }))).argmax(1).data<long>());
        Assert.Equal(3.5, means.Predict(rows)[0].item<double>());
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new NearestNeighbor(3).Fit(new LabeledDomain(rows, rows.squeeze(1), without))
        );
    }

    // No float32 is as small as the weight.
    [Fact]
    public void NearestNeighbor_WeightThatFloat32WouldLose_StillVotes()
    {
        var rows = tensor(new[] { 0f, 1, 5 }).unsqueeze(1);
        var tiny = tensor(new[] { 1, 1, 1e-50 });
        using var votes = (NeighborVote)
            new NearestNeighbor().Fit(new LabeledDomain(rows, tensor(new long[] { 0, 1, 2 }), tiny));
        using var means = (NeighborVote)
            new NearestNeighbor().Fit(new LabeledDomain(rows, tensor(new[] { 7f, 8, 9 }), tiny));

        Assert.Equal([0, 1, 2], votes.Predict(rows).argmax(1).data<long>());
        Assert.True(means.Predict(rows).squeeze(1).allclose(tensor(new[] { 7f, 8, 9 }), 1e-6, 0));
    }

    public void Dispose() => scope.Dispose();

    private static void Near(double[] expected, Tensor actual, double tolerance)
    {
        var numbers = actual.contiguous().reshape(-1).data<double>().ToArray();
        Assert.Equal(expected.Length, numbers.Length);
        Assert.All(expected.Zip(numbers), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
