using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Plans of a share of the mass, exact and with entropy.</summary>
public sealed class PartialTransportTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // ot.partial.partial_wasserstein of Python Optimal Transport 0.8.2; masses of sum 1 and 1.5.
    [Theory]
    [InlineData(0.3, 0.07638592508441497, 4)]
    [InlineData(0.8, 0.6868427508082313, 13)]
    [InlineData(1, 1.0588338569028806, 16)]
    public void Plan_OfAShare_CostsWhatThePeersDoes(double share, double cost, int entries)
    {
        var problem = Problem();

        var plan = new PartialTransport(share).Plan(problem);

        Assert.Equal(cost, (plan * problem.Cost).sum().item<double>(), 1e-9);
        Assert.Equal(entries, plan.gt(1e-12).sum().item<long>());
        Keeps(plan, problem, share, 1e-12);
    }

    // ot.partial.entropic_partial_wasserstein, to 1e-15.
    [Fact]
    public void EntropicPlan_OfAShare_IsThePeers()
    {
        var problem = Problem();

        var plan = new EntropicPartialTransport(0.7, 0.8).Plan(problem);

        Assert.Equal(0.9040452866535247, (plan * problem.Cost).sum().item<double>(), 1e-8);
        Near(
            plan.narrow(0, 0, 2).narrow(1, 0, 3),
            new[,]
            {
                { 0.0006270230032586256, 0.0001610659438259762, 8.000033765147912e-06 },
                { 0.010593340567843453, 0.02519542384475198, 0.000602896469999302 },
            }
        );
        Keeps(plan, problem, 0.8, 1e-9);
    }

    // Each row has its partner, two rows lie far off: they stay, and nothing is paid for them.
    [Fact]
    public void Plan_OfOutliers_LeavesThemAlone()
    {
        var rows = FormulaRows.Source();
        var far = cat([rows, full([2, 3], 50.0, float64)]);
        var problem = new TransportProblem(SquaredDistances.Between(far, cat([rows, full([2, 3], -50.0, float64)])));

        var plan = new PartialTransport(14.0 / 16).Plan(problem);

        Near(plan.narrow(0, 0, 14).narrow(1, 0, 14), eye(14, dtype: float64) / 16);
        Assert.Equal(0, (plan * problem.Cost).sum().item<double>(), 1e-9);
    }

    [Fact]
    public void Plan_OfAllMassOfOneSum_IsTheBalancedOne()
    {
        var problem = new TransportProblem(Problem().Cost);

        Near(new PartialTransport(1).Plan(problem), new ExactTransport().Plan(problem));
        Near(
            new EntropicPartialTransport(0.7, 1).Plan(problem),
            new EntropicTransport(0.7) { Tolerance = 1e-12 }.Plan(problem)
        );
    }

    [Fact]
    public void EntropicPlan_OfLittleEntropy_NearsTheExactOne()
    {
        var problem = Problem();

        var plan = new EntropicPartialTransport(0.01, 0.6) { MaxRounds = 100_000 }.Plan(problem);

        var exact = (new PartialTransport(0.6).Plan(problem) * problem.Cost).sum().item<double>();
        Assert.InRange((plan * problem.Cost).sum().item<double>(), exact - 1e-9, exact * 1.02);
    }

    // A constant on all costs is paid for a fixed mass; a factor is another unit.
    [Fact]
    public void Plan_OfCostsMovedAndInAnotherUnit_IsTheSame()
    {
        var problem = Problem();
        TransportProblem Other(double factor, double more) =>
            new((problem.Cost * factor) + more, problem.SourceWeights, problem.TargetWeights);

        Near(new PartialTransport(0.7).Plan(Other(1000, -500)), new PartialTransport(0.7).Plan(problem));
        Near(
            new EntropicPartialTransport(700, 0.7).Plan(Other(1000, -500)),
            new EntropicPartialTransport(0.7, 0.7).Plan(problem)
        );
    }

    [Fact]
    public void EntropicPlan_OfTooFewRounds_KeepsTheLimits()
    {
        var problem = Problem();

        var plan = new EntropicPartialTransport(0.05, 0.95) { MaxRounds = 2 }.Plan(problem);

        Assert.True(plan.sum(1).le(problem.SourceWeights + 1e-12).all().item<bool>());
        Assert.True(plan.sum(dim: 0).le(problem.TargetWeights + 1e-12).all().item<bool>());
    }

    [Fact]
    public void Plans_Canceled_Stop()
    {
        var problem = Problem() with { Cancellation = new CancellationToken(canceled: true) };

        Assert.ThrowsAny<OperationCanceledException>(() => new PartialTransport().Plan(problem));
        Assert.ThrowsAny<OperationCanceledException>(() => new EntropicPartialTransport().Plan(problem));
    }

    // Two classes in the source, one of them in the target: a balanced plan takes rows of the other class along.
    [Fact]
    public void Map_WhereTheTargetLacksAClass_LeavesItsRowsInPlace()
    {
        using var generator = new RandomKey(3).Generator();
        var labels = arange(60, dtype: int64).remainder(2);
        var rows = randn([60, 2], float64, generator: generator) + (labels.unsqueeze(1).to(float64) * 20);
        var target = randn([40, 2], float64, generator: generator) + 1;
        var source = new LabeledDomain(rows, labels);

        using var balanced = new OptimalTransport().Fit(source, target);
        using var partial = Recipes.PartialOt(0.5).Fit(source, target);

        var ofOther = rows.index_select(0, labels.nonzero().squeeze(1));
        Assert.True(partial.Extract(ofOther).allclose(ofOther));
        Assert.True((balanced.Extract(ofOther) - ofOther).abs().min().item<double>() > 10);
    }

    public void Dispose() => scope.Dispose();

    private static TransportProblem Problem()
    {
        var ofSource = arange(14, dtype: float64).remainder(3) + 1;
        var ofTarget = arange(11, dtype: float64).remainder(2) + 2;
        return new TransportProblem(
            SquaredDistances.Between(FormulaRows.Source(), FormulaRows.Target()),
            ofSource / ofSource.sum(),
            ofTarget / ofTarget.sum() * 1.5
        );
    }

    private static void Keeps(Tensor plan, TransportProblem problem, double mass, double tolerance)
    {
        Assert.Equal(mass, plan.sum().item<double>(), tolerance);
        Assert.True(plan.ge(0).all().item<bool>());
        Assert.True(plan.sum(1).le(problem.SourceWeights + tolerance).all().item<bool>());
        Assert.True(plan.sum(dim: 0).le(problem.TargetWeights + tolerance).all().item<bool>());
    }

    private static void Near(Tensor found, double[,] expected) => Near(found, tensor(expected));

    private static void Near(Tensor found, Tensor expected)
    {
        var missed = (found - expected).abs().max().item<double>();
        Assert.True(missed < 1e-8, $"missed by {missed}");
    }
}
