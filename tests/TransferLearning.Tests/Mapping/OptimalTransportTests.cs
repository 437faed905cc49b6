using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>What plans and transport maps keep, whatever the rows.</summary>
public sealed class OptimalTransportTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<ITransportSolver> BalancedSolvers() =>
        [new ExactTransport(), new EntropicTransport(0.5), new GroupLassoTransport(), new ClassSparseTransport()];

    [Theory]
    [MemberData(nameof(BalancedSolvers))]
    public void Plan_OfAnyWeights_HasThemAsMarginals(ITransportSolver solver)
    {
        var (a, b) = (Shares(30, 1), Shares(23, 2));
        a[3] = 0;
        a /= a.sum();
        var problem = new TransportProblem(Cost(30, 23), a, b, arange(30, dtype: int64).remainder(3));

        var plan = solver.Plan(problem);

        Assert.True(plan.ge(0).all().item<bool>());
        Assert.True(plan.sum(1).allclose(a, 1e-6, 1e-8));
        Assert.True(plan.sum(dim: 0).allclose(b, 1e-6, 1e-8));
    }

    [Theory]
    [MemberData(nameof(BalancedSolvers))]
    public void Plan_Canceled_Stops(ITransportSolver solver) => Stops(solver);

    [Fact]
    public void UnbalancedPlan_Canceled_Stops() => Stops(new UnbalancedTransport());

    private static void Stops(ITransportSolver solver)
    {
        var problem = new TransportProblem(Cost(30, 23), sourceLabels: arange(30, dtype: int64).remainder(3))
        {
            Cancellation = new CancellationToken(canceled: true),
        };

        Assert.ThrowsAny<OperationCanceledException>(() => solver.Plan(problem));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(60, 60)]
    [InlineData(80, 47)]
    [InlineData(47, 80)]
    [InlineData(600, 700)]
    [InlineData(700, 600)]
    [InlineData(20, 1300)]
    public void ExactPlan_HasPotentialsThatProveItOptimal(int n, int m)
    {
        var problem = new TransportProblem(Cost(n, m));
        var plan = new ExactTransport().Plan(problem);

        // Complementary slackness: shortest ways in the residual graph hold no cycle of negative cost (Bellman and Ford
        // on the targets).
        var (c, g) = (problem.Cost.data<double>().ToArray(), plan.data<double>().ToArray());
        var (u, v) = (new double[n], new double[m]);
        var changed = true;
        for (var round = 0; changed && round <= n + m; round++)
        {
            changed = false;
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < m; j++)
                {
                    if (u[i] + c[(i * m) + j] < v[j] - 1e-10)
                    {
                        (v[j], changed) = (u[i] + c[(i * m) + j], true);
                    }
                    if (g[(i * m) + j] > 0 && v[j] - c[(i * m) + j] < u[i] - 1e-10)
                    {
                        (u[i], changed) = (v[j] - c[(i * m) + j], true);
                    }
                }
            }
        }
        Assert.False(changed);
        Assert.True(g.Count(flow => flow > 0) <= n + m - 1);
    }

    [Fact]
    public void ExactPlan_OfTiedCosts_Ends()
    {
        var whole = Cost(64, 64).round();
        var plan = new ExactTransport().Plan(new TransportProblem(whole));
        var entropic = new EntropicTransport(0.02).Plan(new TransportProblem(whole));
        Assert.Equal((entropic * whole).sum().ToDouble(), (plan * whole).sum().ToDouble(), 0.05);
    }

    // Two crowds of rows, four fifths of the source's in the one and of the target's in the other: most rows must go
    // far beyond the targets near them.
    [Theory]
    [InlineData(40, 0)]
    [InlineData(900, 0)]
    [InlineData(900, 30)]
    public void ExactPlan_InOneDimension_IsTheSortedOne(int rows, double apart)
    {
        var isFar = arange(rows).remainder(5).eq(0).unsqueeze(1).to(float64) * apart;
        var (x, y) = (Rows(rows, 1, 1) + isFar, Rows(rows, 1, 2) + apart - isFar);
        var plan = new ExactTransport().Plan(new TransportProblem(SquaredDistances.Between(x, y)));
        var sorted = (x.sort(0).Values - y.sort(0).Values).square().mean();
        Assert.True((plan * SquaredDistances.Between(x, y)).sum().allclose(sorted, 1e-9, 1e-12));
    }

    [Fact]
    public void EntropicPlan_OfSmallRegularization_NearsTheExactOneWithoutUnderflow()
    {
        var problem = new TransportProblem(Cost(25, 31) * 100);
        var exact = (new ExactTransport().Plan(problem) * problem.Cost).sum().item<double>();
        var entropic = (new EntropicTransport(0.5).Plan(problem) * problem.Cost).sum().item<double>();
        Assert.InRange(entropic, exact * (1 - 1e-6), exact * 1.01);
    }

    [Fact]
    public void EntropicPlan_IsTheScaledKernel()
    {
        var problem = new TransportProblem(Cost(12, 9));
        var logs =
            new EntropicTransport(0.7) { Tolerance = 1e-12 }
                .Plan(problem)
                .log() + (problem.Cost / 0.7);
        var additive = logs - logs.mean([0L], keepdim: true) - logs.mean([1L], keepdim: true) + logs.mean();
        Assert.True(additive.abs().max().item<double>() < 1e-9);
    }

    [Fact]
    public void GroupLassoPlan_MeetsItsOptimalityConditions()
    {
        var labels = arange(12, dtype: int64).remainder(2);
        var problem = new TransportProblem(Cost(12, 9), sourceLabels: labels);
        var plan = new GroupLassoTransport(0.7, 0.3).Plan(problem);

        var members = nn.functional.one_hot(labels).to(float64);
        var norms = members.matmul(members.t().matmul(plan.square()).sqrt());
        var gradient = problem.Cost + (0.7 * plan.log()) + (0.3 * plan / norms);
        var additive =
            gradient - gradient.mean([0L], keepdim: true) - gradient.mean([1L], keepdim: true) + gradient.mean();

        Assert.True(additive.abs().max().item<double>() < 1e-4, $"{additive.abs().max().item<double>()}");
    }

    [Fact]
    public void GroupLassoPlan_InASmallUnitOfTheCosts_IsTheSame()
    {
        var (cost, labels) = (Cost(12, 9), arange(12, dtype: int64).remainder(2));

        var small = new TransportProblem(cost * 1e-12, sourceLabels: labels);
        var plan = new GroupLassoTransport(0.7e-12, 0.3e-12).Plan(small);

        var expected = new GroupLassoTransport(0.7, 0.3).Plan(new TransportProblem(cost, sourceLabels: labels));
        Assert.True(plan.allclose(expected, 0, 1e-5), $"{(plan - expected).abs().max().item<double>()}");
    }

    // Where each row is a class of its own, the group term is the mass, whatever the plan.
    [Fact]
    public void GroupLassoPlan_OfClassesOfOneRowAtALargeFactor_IsTheEntropicOne()
    {
        var cost = tensor(new[] { 0.0, 0.1, 0.2, 0.15, 0, 0.1, 0.3, 0.2, 0 }).reshape(3, 3);
        var problem = new TransportProblem(cost, sourceLabels: arange(3, dtype: int64));

        var plan = new GroupLassoTransport(1e-3, 10).Plan(problem);

        Assert.True(plan.allclose(new EntropicTransport(1e-3).Plan(problem), 0, 1e-8));
    }

    // Values of the objective by Python Optimal Transport 0.8.2 (ot.da.emd_laplace, 3 neighbors, 1e-14) on the same
    // rows.
    [Theory]
    [InlineData(5, 0.5, 2.02966527)]
    [InlineData(20, 0.2, 3.25348735)]
    public void LaplacianPlan_OfFormulaRows_ReachesThePeersObjective(double eta, double share, double expected)
    {
        var (i, j) = (arange(14, dtype: float64).unsqueeze(1), arange(11, dtype: float64).unsqueeze(1));
        var features = arange(3, dtype: float64);
        var x = ((i * 1.3) + (features * 2.1)).sin();
        var y = (((j * 0.7) + (features * 1.7)).cos() * 1.5) + 0.4;
        var problem = new TransportProblem(SquaredDistances.Between(x, y)) { SourceRows = x, TargetRows = y };

        var plan = new LaplacianTransport(eta)
        {
            SourceShare = share,
            Tolerance = 1e-13,
            MaxSteps = 2000,
        }.Plan(problem);

        static double Apart(Tensor images, Tensor rows)
        {
            // sum over joined pairs of |T_i - T_j|^2, each joined by as many of the two as hold the other among their 3
            // nearest, halved twice.
            var distances = SquaredDistances.Between(rows, rows) + (eye(rows.shape[0], dtype: float64) * 1e9);
            var nearest = distances.topk(3, 1, largest: false).indexes.reshape(-1);
            var own = arange(rows.shape[0], dtype: int64).repeat_interleave(3);
            return (images.index_select(0, own) - images.index_select(0, nearest)).square().sum().ToDouble() / 2;
        }
        var value =
            (plan * problem.Cost).sum().ToDouble()
            + (eta * ((share * Apart(plan.matmul(y), x)) + ((1 - share) * Apart(plan.t().matmul(x), y))));
        Assert.InRange(value, expected - 1e-6, expected * (1 + 1e-3)); // it is neared as one over the steps
        Assert.True(plan.sum(1).allclose(problem.SourceWeights, 1e-9, 1e-12));
        Assert.True(plan.sum(dim: 0).allclose(problem.TargetWeights, 1e-9, 1e-12));
    }

    [Fact]
    public void LaplacianPlan_WithoutRegularizationIsExact_AndWithoutRowsSaysWhatToGive()
    {
        var (x, y) = (Rows(20, 3, 1), Rows(15, 3, 2));
        var problem = new TransportProblem(SquaredDistances.Between(x, y)) { SourceRows = x, TargetRows = y };
        Assert.True(new LaplacianTransport(0).Plan(problem).allclose(new ExactTransport().Plan(problem), 1e-9, 1e-12));
        var fault = Assert.Throws<InvalidOperationException>(() =>
            new LaplacianTransport().Plan(new TransportProblem(problem.Cost))
        );
        Assert.Contains("SourceRows", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnbalancedPlan_OfAHigherPrice_NearsTheBalancedOneInProportion()
    {
        var problem = new TransportProblem(Cost(12, 9));
        var balanced = new EntropicTransport(0.7).Plan(problem);
        double Missed(double price) =>
            (new UnbalancedTransport(0.7, price).Plan(problem) - balanced).norm().item<double>();

        Assert.InRange(Missed(200) / Missed(100), 0.45, 0.55);
    }

    [Fact]
    public void UnbalancedPlan_MeetsItsOptimalityConditions()
    {
        var problem = new TransportProblem(Cost(12, 9));
        var plan = new UnbalancedTransport(0.7, 0.5).Plan(problem);
        var gradient =
            problem.Cost
            + (0.7 * plan.log())
            + (0.5 * (plan.sum(1, keepdim: true) * 12).log())
            + (0.5 * (plan.sum(0, keepdim: true) * 9).log());
        Assert.True(gradient.abs().max().item<double>() < 1e-7);
    }

    [Fact]
    public void Plan_OfPermutedRows_IsPermuted()
    {
        var (source, target) = (Domain(20, 1), Rows(15, 3, 2));
        var order = arange(20, dtype: int64).flip(0);
        var transport = new OptimalTransport();
        var permuted = new LabeledDomain(source.Inputs.index_select(0, order), source.Labels);
        Assert.True(
            transport
                .Plan(permuted, target)
                .allclose(transport.Plan(source, target).index_select(0, order), 1e-9, 1e-12)
        );
    }

    [Fact]
    public void Map_OfMovedRows_BringsThemBackAndItsInverseUndoesIt()
    {
        var source = Domain(25, 1);
        var target = source.Inputs + tensor(new[] { 0.3, -0.2, 0.1 });
        var transport = new OptimalTransport();
        using var map = transport.Fit(source, target);
        using var inverse = transport.FitInverse(source, target);
        Assert.True(map.Extract(source.Inputs).allclose(target, 1e-9, 1e-12));
        Assert.True(map.Extract(source.Inputs + 1e-3).allclose(target + 1e-3, 1e-9, 1e-12));
        Assert.True(inverse.Extract(map.Extract(source.Inputs)).allclose(source.Inputs, 1e-9, 1e-12));
    }

    [Theory]
    [InlineData(30, 20)]
    [InlineData(20, 30)]
    public void MiniBatchTransport_OfOneBatchOfEverything_IsItsSolver(int n, int m)
    {
        var (source, target) = (Domain(n, 1).WithWeights(Shares(n, 3)), Rows(m, 3, 2));
        var solver = new EntropicTransport(0.3);
        using var whole = new OptimalTransport(solver) { NormalizesCost = true }.Fit(source, target);
        using var batched = new MiniBatchTransport(solver)
        {
            BatchSize = 30,
            Passes = 2,
            NormalizesCost = true,
        }.Fit(source, target);
        Assert.True(batched.Extract(source.Inputs).allclose(whole.Extract(source.Inputs), 1e-7, 1e-9));
    }

    [Fact]
    public void MiniBatchTransport_OfLargerBatches_NearsTheWholePlansImages()
    {
        var (source, target) = (Domain(300, 1), Rows(240, 3, 2) + 1);
        using var whole = new OptimalTransport().Fit(source, target);
        double Missed(int batch)
        {
            using var map = new MiniBatchTransport { BatchSize = batch, Passes = 20 }.Fit(source, target);
            return (map.Extract(source.Inputs) - whole.Extract(source.Inputs)).norm().ToDouble();
        }
        var (few, some, many) = (Missed(3), Missed(20), Missed(150));
        Assert.True(few > 1.3 * some && some > 1.3 * many, $"{few}, {some}, {many}");
    }

    [Theory]
    [InlineData(70, 200)]
    [InlineData(200, 70)]
    [InlineData(200, 7)]
    public void MiniBatchTransport_OfUnequalDomains_MovesEveryRowAndRepeatsBySeed(int n, int m)
    {
        var (source, target) = (Domain(n, 1), Rows(m, 3, 2) + 50);
        Tensor Mapped(long seed)
        {
            var transport = new MiniBatchTransport { BatchSize = 16, Passes = 2 };
            using var map = transport.Fit(source, target, FitContext.Seeded(seed));
            return map.Extract(source.Inputs);
        }
        Assert.True(Mapped(1).min().ToDouble() > 30); // no row stayed near 0
        Assert.True(Mapped(1).equal(Mapped(1)).all().item<bool>());
        Assert.False(Mapped(1).allclose(Mapped(2)));
    }

    [Fact]
    public void MiniBatchTransport_Canceled_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        var heard = new List<double>();
        var context = new FitContext
        {
            Cancellation = cancellation.Token,
            Progress = new Listener(done =>
            {
                heard.Add(done);
                cancellation.Cancel();
            }),
        };
        Assert.Throws<OperationCanceledException>(() =>
            new MiniBatchTransport { BatchSize = 5 }.Fit(Domain(20, 1), Rows(20, 3, 2), context)
        );
        Assert.Single(heard);
    }

    [Fact]
    public void LinearMongeMap_GivesTheTargetsMomentsAndIsUndoneByItsReverse()
    {
        var (source, target) = (Rows(60, 3, 1), (Rows(50, 3, 2) * tensor(new[] { 1.0, 2.0, 0.5 })) + 1);
        using var map = new LinearMongeMap().Fit(source, target);
        using var reverse = new LinearMongeMap().Fit(target, source);
        var mapped = map.Extract(source);
        Assert.True(mapped.mean([0L]).allclose(target.mean([0L]), 1e-9, 1e-9));
        Assert.True(Covariance(mapped).allclose(Covariance(target), 1e-6, 1e-6));
        Assert.True(map.Matrix.allclose(map.Matrix.t(), 1e-9, 1e-10));
        Assert.True(reverse.Extract(mapped).allclose(source, 1e-6, 1e-6));
    }

    [Fact]
    public void Problem_OfFaultyInput_NamesTheArgument()
    {
        var cost = Cost(4, 5);
        void Names(string name, Action make) => Assert.Equal(name, Assert.Throws<ArgumentException>(make).ParamName);
        Names("cost", () => _ = new TransportProblem(cost / 0.0));
        Names("sourceWeights", () => _ = new TransportProblem(cost, ones(5, dtype: float64)));
        Names("targetWeights", () => _ = new TransportProblem(cost, null, -ones(5, dtype: float64)));
        Assert.Throws<ArgumentException>(() => new ExactTransport().Plan(new TransportProblem(cost, ones(4))));
        Assert.Throws<InvalidOperationException>(() => new GroupLassoTransport().Plan(new TransportProblem(cost)));
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Covariance(Tensor rows)
    {
        var centered = rows - rows.mean([0L], keepdim: true);
        return centered.t().matmul(centered) / rows.shape[0];
    }

    private sealed class Listener(Action<double> hear) : IProgress<double>
    {
        public void Report(double value) => hear(value);
    }

    private static LabeledDomain Domain(long count, long seed) =>
        new(Rows(count, 3, seed), arange(count, dtype: int64).remainder(2));

    private static Tensor Cost(long n, long m) => SquaredDistances.Between(Rows(n, 3, 1), Rows(m, 3, 2) + 0.5);

    private static Tensor Shares(long count, long seed) => Rows(count, 1, seed).exp().reshape(-1).softmax(0);

    private static Tensor Rows(long count, long width, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, width], dtype: float64, generator: generator);
    }
}
