using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Maps that are slopes of smooth, strongly convex functions.</summary>
public sealed class NearestBrenierMapTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy's sequential quadratic programming (SLSQP) on all 42 conditions; objective 0.8556040544.
    [Fact]
    public void Solve_OfSevenRows_IsTheProgrammesAnswer()
    {
        var (values, slopes) = Solved();

        Near(
            slopes.narrow(0, 0, 3),
            new[,]
            {
                { 0.3918739313, 0.5915065922 },
                { 0.60896792, -0.3264400694 },
                { 0.3780219607, -0.3118508854 },
            },
            1e-5
        );
        var value = (slopes - Wanted()).square().sum().item<double>() / 14;
        Assert.Equal(0.8556040544, value, 1e-7);
        Assert.Equal([7L], values.shape);
    }

    // SLSQP again, on the simplex of the seven weights, with its own values and slopes.
    [Fact]
    public void Extract_OfNewRows_IsTheProgrammesSlope_AndOfKnownRowsTheKnownOne()
    {
        var (values, slopes) = Solved();
        var rows = Rows();
        using var map = new ConvexPotentialMap(rows, values, slopes, zeros(7, dtype: int64), 0.5, 0.9);

        var images = map.Extract(
            tensor(
                new[,]
                {
                    { 0.2, -0.3 },
                    { 1.5, 0.4 },
                }
            )
        );

        Near(
            images,
            new[,]
            {
                { 0.4780219607, -0.4618508854 },
                { 1.3055838475, 0.2889006385 },
            },
            1e-5
        );
        Assert.True((map.Extract(rows) - slopes - (rows * 0.5)).abs().max().item<double>() < 1e-5);
    }

    [Fact]
    public void Solve_OfRowsThatCoincide_GivesThemTheMeanSlope()
    {
        var rows = ones(3, 2, dtype: float64) * 5;
        var wanted = tensor(
            new[,]
            {
                { 1.0, 0.0 },
                { 2.0, 0.0 },
                { 6.0, 3.0 },
            }
        );

        var (_, slopes) = ConvexInterpolation.Solve(rows, wanted, ones(3, dtype: float64), 0.9, 1e-12, null);

        Near(
            slopes,
            new[,]
            {
                { 3.0, 1.0 },
                { 3.0, 1.0 },
                { 3.0, 1.0 },
            },
            1e-4
        );
    }

    [Fact]
    public void Solve_InOtherUnitsAndElsewhere_IsTheSame()
    {
        var (_, slopes) = Solved();
        var moved = (Rows() * 1e-3) + 100;

        var (_, other) = ConvexInterpolation.Solve(
            moved,
            (Wanted() * 1e-3) - 50,
            full(7, 3.0, dtype: float64),
            0.9,
            1e-10,
            null
        );

        Assert.True((((other + 50) * 1e3) - slopes).abs().max().item<double>() < 1e-5);
    }

    [Fact]
    public void Fit_OfAStretchWithinTheBounds_FindsIt()
    {
        var source = new LabeledDomain(FormulaRows.Source(), arange(14, dtype: int64).remainder(2));
        var target = (FormulaRows.Source() * tensor(new[] { 1.1, 0.9, 1.0 })) + 0.3;

        using var map = new NearestBrenierMap { Tolerance = 1e-9 }.Fit(source, target);

        Assert.True(map.Extract(source.Inputs).allclose(target, 1e-4, 1e-5));
    }

    [Theory]
    [InlineData(0.6, 1.4)]
    [InlineData(0.0, 0.5)]
    public void Map_OfAnyTwoRows_StretchesThemWithinTheBounds(double least, double most)
    {
        var source = new LabeledDomain(FormulaRows.Source(), arange(14, dtype: int64).remainder(2));
        var description = new NearestBrenierMap
        {
            MinStretch = least,
            MaxStretch = most,
            Tolerance = 1e-8,
        };

        using var map = description.Fit(source, FormulaRows.Target());

        var rows = cat([FormulaRows.Source(), FormulaRows.Target(), FormulaRows.Target().sin() * 3]);
        var images = map.Extract(rows);
        var (before, after) = (SquaredDistances.Between(rows, rows), SquaredDistances.Between(images, images));
        Assert.True((after - (before * (most * most))).max().item<double>() < 1e-4);
        var products = rows.matmul(images.t());
        var along = products.diagonal().unsqueeze(1) + products.diagonal() - products - products.t();
        Assert.True((along - (before * least)).min().item<double>() > -1e-4);
    }

    [Fact]
    public void Fit_TurnByTurn_NeverRaisesTheDistanceToTheTarget()
    {
        var source = new LabeledDomain(FormulaRows.Source(), arange(14, dtype: int64).remainder(2));
        double Reached(int turns)
        {
            using var map = new NearestBrenierMap { MaxTurns = turns, Tolerance = 1e-8 }.Fit(
                source,
                FormulaRows.Target()
            );
            var cost = SquaredDistances.Between(map.Extract(source.Inputs), FormulaRows.Target());
            return (new ExactTransport().Plan(new TransportProblem(cost)) * cost).sum().item<double>();
        }
        var reached = new[] { 1, 2, 4 }.Select(Reached).ToList();

        Assert.All(reached.Zip(reached.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1e-6));
        Assert.True(
            reached[0] < SquaredDistances.Between(source.Inputs, FormulaRows.Target()).mean().item<double>() / 2
        );
    }

    [Fact]
    public void Fit_OfFaultySettings_NamesTheArgumentAndStopsWhenCanceled()
    {
        var source = new LabeledDomain(FormulaRows.Source(), arange(14, dtype: int64).remainder(2));
        void Names(string name, NearestBrenierMap description) =>
            Assert.Equal(
                name,
                Assert
                    .Throws<ArgumentOutOfRangeException>(() => description.Fit(source, FormulaRows.Target()))
                    .ParamName
            );
        Names("MinStretch", new NearestBrenierMap { MinStretch = 1.4 });
        Names("Tolerance", new NearestBrenierMap { Tolerance = 0 });
        Names("MaxTurns", new NearestBrenierMap { MaxTurns = 0 });
        var values = new LabeledDomain(FormulaRows.Source(), FormulaRows.Source());
        Assert.Throws<ArgumentException>(() =>
            new NearestBrenierMap { ByClass = true }.Fit(values, FormulaRows.Target())
        );
        var canceled = new FitContext { Cancellation = new CancellationToken(canceled: true) };
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new NearestBrenierMap().Fit(source, FormulaRows.Target(), canceled)
        );
    }

    // In 20 principal axes of both domains; NumPy, SciPy and Python Optimal Transport 0.8.2: 85.1 alone, 79.0 by the
    // plan's own images, 92.2.
    [LongFact]
    public void Map_FromAmazonToWebcam_BeatsTheSourceAloneAndThePlan()
    {
        const string File = "googlenet1024_aw.npz";
        var (source, target) = (OfficeImages.Domain(File, "amazon"), OfficeImages.Domain(File, "webcam"));
        var all = cat([source.Inputs, target.Inputs]);
        var centered = all - all.mean([0L]);
        var (_, axes) = linalg.eigh(centered.t().matmul(centered));
        var rows = centered.matmul(axes.narrow(1, 1004, 20));
        source = source.WithInputs(rows.narrow(0, 0, source.Count));
        target = target.WithInputs(rows.narrow(0, source.Count, target.Count));
        double Accuracy(AdaptationBuilder chain)
        {
            using var model = chain.Learn(new NearestNeighbor()).Fit(source, target.WithoutLabels());
            return OfficeImages.Accuracy(model, target);
        }

        var alone = Accuracy(new AdaptationBuilder());
        var plan = Accuracy(new AdaptationBuilder().Map(new OptimalTransport()));
        var smooth = Accuracy(
            new AdaptationBuilder().Map(
                new NearestBrenierMap
                {
                    ByClass = true,
                    MaxTurns = 1,
                    Tolerance = 1e-4,
                }
            )
        );

        output.WriteLine($"{alone:F1}: {smooth:F1} (the plan {plan:F1})");
        Assert.True(smooth > alone + 3, $"{smooth} after {alone}");
        Assert.True(smooth > plan + 5, $"{smooth} beside {plan}");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Rows() => (FormulaRows.Column(7, 1.3) + (arange(2, dtype: float64) * 2.1)).sin();

    private static Tensor Wanted() =>
        ((FormulaRows.Column(7, 2.2) + (arange(2, dtype: float64) * 1.1)).cos() * 1.5) + (Rows() * 0.6);

    private static (Tensor Values, Tensor Slopes) Solved() =>
        ConvexInterpolation.Solve(Rows(), Wanted(), ones(7, dtype: float64) / 7, 0.9, 1e-10, null);

    private static void Near(Tensor found, double[,] expected, double tolerance)
    {
        var missed = (found - tensor(expected)).abs().max().item<double>();
        Assert.True(missed < tolerance, $"missed by {missed}");
    }
}
