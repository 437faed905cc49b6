using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Maps that are fitted together with the plan that they follow.</summary>
public sealed class JointTransportMapTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // ot.da.joint_OT_mapping_linear of Python Optimal Transport 0.8.2 (mu 40, eta 0.5, with bias): the plan of least
    // cost, and its best map.
    [Fact]
    public void Fit_WhereTheCostDecides_IsThePeersMap()
    {
        using var map = (AffineMap)
            new JointTransportMap
            {
                CostWeight = 40,
                Penalty = 0.5,
                PenaltyScale = PenaltyScale.Absolute,
            }.Fit(FormulaRows.Source(), FormulaRows.Target());

        Near(
            map.Extract(FormulaRows.Source().narrow(0, 0, 3) / 2),
            new[,]
            {
                { 0.882176992314, 0.853861351084, -0.215165638091 },
                { 1.314544765866, 0.078657544436, -0.42790550023 },
                { 0.719079153068, -0.333846872483, 0.286337222147 },
            },
            1e-10
        );
    }

    // The same without an offset, by SciPy's sequential quadratic programming on all 154 entries of the plan.
    [Fact]
    public void Fit_WithoutOffset_IsTheProgrammesMap()
    {
        using var map = (AffineMap)
            new JointTransportMap
            {
                PenaltyScale = PenaltyScale.Absolute,
                CostWeight = 40,
                Penalty = 0.5,
                HasOffset = false,
            }.Fit(FormulaRows.Source(), FormulaRows.Target());

        Assert.Null(map.Offset);
        Near(
            map.Extract(FormulaRows.Source().narrow(0, 0, 1) / 2),
            new[,]
            {
                { 0.256294198878, 0.520746242767, -0.424332776328 },
            },
            1e-10
        );
    }

    // SciPy's sequential quadratic programming on all 154 entries of the plan, the map at its best for each plan. The
    // peer's turns (500, of 50 steps) come within 1e-5 of it.
    [Fact]
    public void Fit_WhereCostAndMapContend_NearsTheProgrammesMap()
    {
        using var map = (AffineMap)
            new JointTransportMap
            {
                Tolerance = 0,
                MaxSteps = 3000,
                PenaltyScale = PenaltyScale.Absolute,
            }.Fit(FormulaRows.Source(), FormulaRows.Target());

        Near(
            map.Extract(FormulaRows.Source().narrow(0, 0, 3) / 2),
            new[,]
            {
                { 0.884385744616, 0.852075096307, -0.200914112706 },
                { 1.309571772944, 0.086541121203, -0.428788763753 },
                { 0.714877428062, -0.328750674243, 0.272947824556 },
            },
            5e-4
        ); // it is neared as one over the steps
    }

    // The same program with k(x, y) = exp(-|x - y|^2 / 2), mu 0.05, eta 0.5, with and without an offset.
    [Theory]
    [InlineData(true, 0.714343756069, 0.499025906541, 0.06013835823)]
    [InlineData(false, 0.781456517716, 0.528279478881, 0.0846422771)]
    public void Fit_WithAKernel_IsTheProgrammesMap(bool hasOffset, double first, double second, double third)
    {
        var description = new JointTransportMap
        {
            Kernel = new GaussianKernel(0.5),
            CostWeight = 0.05,
            Penalty = 0.5,
            HasOffset = hasOffset,
            Tolerance = 1e-11,
            MaxSteps = 3000,
        };

        var map = description.Fit(FormulaRows.Source(), FormulaRows.Target());

        var images = map.Extract(FormulaRows.Source().narrow(0, 0, 1) / 2);
        Near(
            images,
            new[,]
            {
                { first, second, third },
            },
            1e-6
        );
        foreach (var part in map.WithInner().OfType<IDisposable>())
        {
            part.Dispose();
        }
    }

    [Fact]
    public void Fit_OfAnAffineShift_FindsIt()
    {
        var source = FormulaRows.Source() + FormulaRows.Column(14, 0.37).cos();
        var turn = tensor(
            new[,]
            {
                { 1.1, 0.1, 0.0 },
                { 0.1, 0.9, -0.05 },
                { 0.0, -0.05, 1.0 },
            }
        );
        var target = source.matmul(turn) + 0.2;

        using var map = (AffineMap)new JointTransportMap { Penalty = 1e-9 }.Fit(source, target);

        Assert.True(map.Matrix.allclose(turn, 1e-6, 1e-6));
        Assert.True(map.Offset!.allclose(full(3, 0.2, float64), 1e-6, 1e-6));
    }

    [Fact]
    public void Fit_OfARowTwice_IsThatOfARowOfDoubleMass()
    {
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target());
        var description = new JointTransportMap
        {
            CostWeight = 40,
            Penalty = 15,
            PenaltyScale = PenaltyScale.Absolute,
        };
        var weights = ones(14, dtype: float64);
        weights[3] = 2.0;
        weights[5] = 0.0;
        var kept = tensor(new long[] { 0, 1, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13 });

        using var weighted = (AffineMap)description.Fit(source, target, weights);
        using var repeated = (AffineMap)description.Fit(source.index_select(0, kept), target);

        Assert.True(weighted.Matrix.allclose(repeated.Matrix, 1e-8, 1e-9));
        Assert.True(weighted.Offset!.allclose(repeated.Offset!, 1e-8, 1e-9));
    }

    [Fact]
    public void Fit_OfFaultySettings_NamesTheArgumentAndStopsWhenCanceled()
    {
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target());
        void Names(string name, JointTransportMap description) =>
            Assert.Equal(
                name,
                Assert.Throws<ArgumentOutOfRangeException>(() => description.Fit(source, target)).ParamName
            );
        Names("CostWeight", new JointTransportMap { CostWeight = 0 });
        Names("Penalty", new JointTransportMap { Penalty = 0 });
        Names("Tolerance", new JointTransportMap { Tolerance = -1 });
        Names("MaxSteps", new JointTransportMap { MaxSteps = 0 });
        var canceled = new FitContext { Cancellation = new CancellationToken(canceled: true) };
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new JointTransportMap().Fit(source, target, context: canceled)
        );
    }

    [LongFact]
    public void Map_FromAmazonToWebcam_BeatsLearningOnTheSourceAlone()
    {
        const string File = "googlenet1024_aw.npz";
        var (source, target) = (OfficeImages.Domain(File, "amazon"), OfficeImages.Domain(File, "webcam"));
        double Accuracy(AdaptationBuilder chain)
        {
            using var model = chain.Learn(new NearestNeighbor()).Fit(source, target.WithoutLabels());
            return OfficeImages.Accuracy(model, target);
        }
        var alone = Accuracy(new AdaptationBuilder());

        var linear = Accuracy(new AdaptationBuilder().Map(new JointTransportMap { Penalty = 10, MaxSteps = 5 }));
        var gaussian = Accuracy(
            new AdaptationBuilder().Map(
                new JointTransportMap
                {
                    Kernel = new GaussianKernel(),
                    Penalty = 0.1,
                    MaxSteps = 5,
                }
            )
        );

        output.WriteLine($"{alone:F1}: {linear:F1}, {gaussian:F1}");
        Assert.True(linear > alone + 2, $"{linear} after {alone}");
        Assert.True(gaussian > alone + 1, $"{gaussian} after {alone}");
    }

    public void Dispose() => scope.Dispose();

    private static void Near(Tensor images, double[,] expected, double tolerance)
    {
        var missed = (images - tensor(expected)).abs().max().item<double>();
        Assert.True(missed < tolerance, $"missed by {missed}");
    }
}
