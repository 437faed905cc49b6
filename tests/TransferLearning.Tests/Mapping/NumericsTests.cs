using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>
/// Figures at scales and origins where rounding, underflow or coinciding values once took the answer.
/// </summary>
public sealed class NumericsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<ITransportSolver> Solvers() =>
        [new EntropicTransport(1), new ClassSparseTransport(1, 0), new GroupLassoTransport(1, 0), new ExactTransport()];

    [Theory]
    [MemberData(nameof(Solvers))]
    public void Plan_ColumnOrRowWithoutMassAtFarCosts_IsThatOfTheOthers(ITransportSolver solver)
    {
        var cost = tensor(new[] { 0.0, 800, 800, 0 }).reshape(2, 2);
        var (one, classes) = (tensor(new[] { 1.0, 0 }), tensor(new long[] { 0, 1 }));

        var columns = solver.Plan(new TransportProblem(cost, null, one, classes));
        var rows = solver.Plan(new TransportProblem(cost, one, null, classes));

        Assert.Equal([0.5, 0, 0.5, 0], columns.reshape(-1).data<double>());
        Assert.Equal([0.5, 0.5, 0, 0], rows.reshape(-1).data<double>());
    }

    [Theory]
    [InlineData(typeof(EntropicTransport))]
    [InlineData(typeof(ClassSparseTransport))]
    [InlineData(typeof(GroupLassoTransport))]
    public void Chain_TwoRowsWithoutWeightAndFarCosts_ReadsTheTarget(Type type)
    {
        var (x, labels) = Toy.Clouds(40, 1);
        var (y, truth) = Toy.Clouds(40, 2, angle: 0.3);
        var weights = arange(40).ge(2).to(float32);
        var solver = (ITransportSolver)
            Activator.CreateInstance(
                type,
                type.GetConstructors()[0].GetParameters().Select(p => p.DefaultValue).ToArray()
            )!;

        using var model = new AdaptationBuilder()
            .Map(new OptimalTransport(solver))
            .Learn(new NearestNeighbor())
            .Fit(new LabeledDomain(x * 30, labels, weights), new UnlabeledDomain(y * 30));

        Assert.True(model.PredictClasses(y * 30).eq(truth).to(float64).mean().item<double>() > 0.9);
    }

    [Fact]
    public void TransportProblem_WithoutAnyMass_IsRefused() =>
        Assert.Equal(
            "sourceWeights",
            Assert.Throws<ArgumentException>(() => new TransportProblem(ones(2, 2), zeros(2))).ParamName
        );

    [Fact]
    public void LogCorrelationAlignment_VariancesFarApartInFloat32_HasItsValueAndSlope()
    {
        var source = tensor(new[] { 0.0f, 0, 200, 0 }).reshape(2, 2).requires_grad_();
        var target = tensor(new[] { 0.0f, 0, 400, 0 }).reshape(2, 2);

        var value = new LogCorrelationAlignment().Between(source, target);

        Assert.Equal(Math.Pow(Math.Log(4), 2) / 16, value.item<float>(), 1e-5);
        // d/dx of ln(x^2 / 2)^2 ...: (ln 4 / 8) 2 / 200, toward the target.
        var slope = autograd.grad([value], [source])[0];
        Assert.Equal(-Math.Log(4) / 8 * 2 / 200, slope[1, 0].item<float>(), 1e-7);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(100.0)]
    [InlineData(10000.0)]
    public void LogCorrelationAlignment_FewerRowsThanFeatures_HasFiniteSlopes(double scale)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var rows = (Rows(8, 20, seed).to(float32) * scale).requires_grad_();

            var value = new LogCorrelationAlignment().Between(rows, Rows(8, 20, seed + 50).to(float32) * scale);

            Assert.True(autograd.grad([value], [rows])[0].isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void NearestNeighbor_RowsFarFromEachOtherInFloat32_FindsEachRow()
    {
        var rows = arange(10_000, dtype: float32).unsqueeze(1);
        var labels = arange(10_000, dtype: int64);
        using var votes = (NeighborVote)
            new NearestNeighbor().Fit(new LabeledDomain(rows, rows.squeeze(1), space: LabelSpace.Values(1)));

        Assert.True(votes.Predict(rows).squeeze(1).to(int64).equal(labels).all().item<bool>());
    }

    [Fact]
    public void SquaredDistances_RowsFarFromEachOtherInFloat32_AreExact()
    {
        var rows = arange(10_000, dtype: float32).unsqueeze(1);

        var near = SquaredDistances.Between(rows, rows).diagonal(1);
        var kernel = new GaussianKernel(1).Matrix(rows, rows).diagonal(1);

        Assert.Equal((1.0f, 1.0f), (near.min().item<float>(), near.max().item<float>()));
        Assert.Equal(Math.Exp(-1), kernel.min().item<float>(), 1e-7);
        Assert.Equal(Math.Exp(-1), kernel.max().item<float>(), 1e-7);
    }

    // Columns of one number would be stretched to any width without a word.
    [Fact]
    public void SquaredDistances_RowsOfOtherWidths_AreRefused()
    {
        var (wide, narrow) = (ones(2, 3), ones(2, 1));
        foreach (var (left, right) in new[] { (wide, narrow), (narrow, wide), (wide[0], wide) })
        {
            Assert.Throws<ArgumentException>("right", () => SquaredDistances.Between(left, right));
            Assert.Throws<ArgumentException>("right", () => new GaussianKernel(1).Matrix(left, right));
        }
    }

    [Theory]
    [InlineData(MeanEmbeddingEstimator.Biased)]
    [InlineData(MeanEmbeddingEstimator.Unbiased)]
    [InlineData(MeanEmbeddingEstimator.LinearTime)]
    [InlineData(MeanEmbeddingEstimator.LinearTimeCircular)]
    public void MaximumMeanDiscrepancy_LinearKernelFarFromTheOriginInFloat32_IsThatAtTheOrigin(
        MeanEmbeddingEstimator estimator
    )
    {
        var (s, t) = (Rows(100, 50, 1), Rows(100, 50, 2) + 0.1);
        var (far, farther) = ((s + 1000).to(float32), (t + 1000).to(float32));
        var discrepancy = new MaximumMeanDiscrepancy(new LinearKernel()) { Estimator = estimator };

        var value = discrepancy.Between(far, farther).item<float>();

        var exact = discrepancy.Between(far.to(float64) - 1000, farther.to(float64) - 1000).item<double>();
        Assert.Equal(exact, value, 1e-5);
        if (estimator == MeanEmbeddingEstimator.Biased)
        {
            var means = far.to(float64).mean([0L]) - farther.to(float64).mean([0L]);
            Assert.Equal(means.square().sum().item<double>(), value, 1e-5);
        }
    }

    [Fact]
    public void MaximumMeanDiscrepancy_Biased_IsNeverNegative()
    {
        var rows = Rows(60, 3, 1).to(float32);
        foreach (var kernel in new IKernel[] { new GaussianKernel(0.5), new LinearKernel(), new PolynomialKernel(3) })
        {
            var order = arange(59, -1, -1, dtype: int64);
            var value = new MaximumMeanDiscrepancy(kernel).Between(rows, rows.index_select(0, order));
            Assert.InRange(value.item<float>(), 0, 1e-6f);
        }
    }

    [Fact]
    public void RepresentationSubspaceDistance_EqualSingularValues_HasFiniteSlopes()
    {
        var source = eye(4, 6, float64).requires_grad_();
        var target = (cat([zeros([4, 2], float64), eye(4, dtype: float64)], 1) * 2).requires_grad_();

        var value = new RepresentationSubspaceDistance(0.1).Between(source, target);

        Assert.All(autograd.grad([value], [source, target]), slope => Assert.True(slope.isfinite().all().item<bool>()));
    }

    [Fact]
    public void RepresentationSubspaceDistance_OtherRows_HasTheSlopesOfFiniteDifferences()
    {
        var distance = new RepresentationSubspaceDistance(0.3);
        var (source, target) = (Rows(3, 5, 1).requires_grad_(), Rows(3, 5, 2));
        var slope = autograd.grad([distance.Between(source, target)], [source])[0];
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 5; j++)
            {
                var step = zeros(3, 5, dtype: float64);
                step[i, j] = 1e-6;
                var (more, less) = (source.detach() + step, source.detach() - step);
                var rise = (distance.Between(more, target) - distance.Between(less, target)).item<double>();
                Assert.Equal(rise / 2e-6, slope[i, j].item<double>(), 1e-6);
            }
        }
    }

    [Theory]
    [InlineData(1.0, 2000.0)]
    [InlineData(1e-4, 0.0)]
    [InlineData(1e4, 0.0)]
    public void ImportanceWeightingNetwork_RowsMovedAndScaled_HaveTheSameWeights(double factor, double offset)
    {
        var (source, target) = (Rows(60, 3, 1), Rows(50, 3, 2) + 0.5);
        var method = new ImportanceWeightingNetwork { Steps = 50 };

        var weights = method.Weigh((source * factor) + offset, (target * factor) + offset);

        Assert.True(weights.allclose(method.Weigh(source, target), 1e-4, 1e-5));
    }

    [Fact]
    public void CriticWeighting_LogitsWithoutEnd_AreFinite()
    {
        LabeledDomain Logits(params float[] logits) =>
            new(tensor(logits).unsqueeze(1), zeros(logits.Length, int64), space: LabelSpace.Classes(1));
        Tensor Weights(LabeledDomain rows, bool isBounded = false) =>
            new CriticWeighting(nn.Identity().AsPart()) { IsBounded = isBounded }.Weigh(
                rows,
                rows.WithoutLabels(),
                new FitContext()
            );

        Assert.Equal(
            [0.5f, 1.5f],
            Weights(Logits(500, 500 - MathF.Log(3))).data<float>(),
            (a, b) => Math.Abs(a - b) < 1e-4
        );
        Assert.Equal([2f, 0f], Weights(Logits(-500, 500)).data<float>());
        var nowhere = Weights(Logits(float.PositiveInfinity, float.PositiveInfinity), isBounded: true);
        Assert.Equal([1f, 1f], nowhere.data<float>());
    }

    [Fact]
    public void GaussianDensityWeighting_DomainsFarApart_IsFiniteInAChain()
    {
        var source = new LabeledDomain(Rows(40, 2, 1).to(float32), arange(40, dtype: int64).remainder(2));
        var target = new UnlabeledDomain((Rows(40, 2, 2) * 0.01).to(float32) + 30);

        var weights = new GaussianDensityWeighting().Weigh(source, target, new FitContext());

        Assert.Equal(1, weights.mean().item<float>(), 1e-5);
    }

    [Fact]
    public void LinearMongeMap_RowsFarFromTheOriginInFloat32_HaveTheTargetsMoments()
    {
        var (source, target) = ((Rows(200, 3, 1) * 1e-3).to(float32) + 1, Rows(200, 3, 2).to(float32) + 2000);

        using var map = new LinearMongeMap().Fit(source, target);

        var mapped = map.Extract(source).to(float64);
        Assert.True(mapped.std(0).allclose(target.to(float64).std(0), 2e-2, 0));
        Assert.True(mapped.mean([0L]).allclose(target.to(float64).mean([0L]), 0, 1e-3));
    }

    [Fact]
    public void LocalMaximumMeanDiscrepancy_ClassesThatOneBatchLacks_AreNoDivisor()
    {
        var (source, target) = (Rows(6, 3, 1), Rows(6, 3, 2));
        var labels = tensor(new long[] { 0, 1, 0, 1, 0, 1 });
        var (ofTwo, ofTen) = (nn.functional.one_hot(labels, 2), nn.functional.one_hot(labels, 10));

        double Value(Tensor probabilities, bool dividesByAll = false) =>
            new LocalMaximumMeanDiscrepancy { DividesByAllClasses = dividesByAll }
                .Between(source, labels, target, probabilities.to(float64))
                .item<double>();

        Assert.Equal(Value(ofTwo), Value(ofTen), 1e-12);
        Assert.Equal(Value(ofTwo) / 5, Value(ofTen, dividesByAll: true), 1e-12);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Rows(long rows, long features, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, features], dtype: float64, generator: generator);
    }
}
