using TransferLearning.Data;
using TransferLearning.Distributed;
using TransferLearning.Instance;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>
/// The program of kernel mean matching solved by which weights end at a bound, against interior points and the
/// conditions of an optimum.
/// </summary>
public sealed class ActiveSetProgramTests : IDisposable
{
    private const int Count = 6000;
    private const int Landmarks = 40;
    private const int Width = 64;
    private static readonly GaussianKernel Kernel = new(1.0 / Width);

    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(20, 0.98)]
    [InlineData(20, 0.001)] // the sum binds
    [InlineData(20, 0)] // the sum is given
    [InlineData(10, 0.98)]
    public void Find_FewFreeWeights_IsTheOptimumOfInteriorPoints(double upper, double epsilon)
    {
        var (p, q) = Program(Rows(Count, Width, 1), Rows(Count / 2, Width, 2) * 0.9 + 0.3);
        var (least, most) = (Count * (1 - epsilon), Count * (1 + epsilon));

        var found = ActiveSetProgram.Find(p, q, upper, least, most);
        var expected = BoxQuadraticProgram.Solve(p, q, upper, least, most, new FitContext());

        Assert.NotNull(found);
        double Height(Tensor x) => (p.Times(x).dot(x) / 2).item<double>() - q.dot(x).item<double>();
        Assert.InRange(found.min().item<double>(), 0, upper);
        Assert.InRange(found.max().item<double>(), 0, upper);
        Assert.InRange(found.sum().item<double>(), least * (1 - 1e-9), most * (1 + 1e-9));
        Assert.InRange(Height(found), double.NegativeInfinity, Height(expected) + (1e-9 * Math.Abs(Height(expected))));
        Assert.True((found - expected).abs().max().item<double>() < 1e-4 * upper);
        Assert.InRange(found.gt(0).logical_and(found.lt(upper)).sum().item<long>(), 1, Landmarks + 1);
    }

    // Weights that reach the target's mean are no single ones; few features, and few rows, are left to interior points.
    [Theory]
    [InlineData(Count, Width, 1000)]
    [InlineData(Count, 3, 20)]
    [InlineData(2000, Width, 20)]
    public void Find_OfAnotherKind_GivesNothing(int count, int width, double upper)
    {
        var (p, q) = Program(Rows(count, width, 1), Rows(count / 2, width, 2) * 0.9 + 0.3);

        Assert.Null(ActiveSetProgram.Find(p, q, upper, 0.02 * count, 1.98 * count));
    }

    [Fact]
    public void Find_OfAWholeMatrix_GivesNothing()
    {
        var p = QuadraticForm.Of(eye(10, dtype: float64));

        Assert.Null(ActiveSetProgram.Find(p, ones(10, dtype: float64), 1, 0, 10));
    }

    [Fact]
    public void Weigh_OverShards_IsAsOfAllRows()
    {
        var (source, target) = (Rows(Count, Width, 1), Rows(Count / 2, Width, 2) * 0.9 + 0.3);
        var matching = new KernelMeanMatching
        {
            Kernel = Kernel,
            Landmarks = Landmarks,
            Bound = 20,
        };
        var expected = matching.Weigh(source, target, FitContext.Seeded(1)).data<double>().ToArray();

        var shared = ThreadCommunicator.Run(
            2,
            communicator =>
            {
                using var own = NewDisposeScope();
                Tensor Part(Tensor rows)
                {
                    var first = rows.shape[0] / 3;
                    return communicator.Rank == 0
                        ? rows.narrow(0, 0, first)
                        : rows.narrow(0, first, rows.shape[0] - first);
                }
                var labels = zeros(Part(source).shape[0], dtype: int64);
                return matching
                    .Weigh(
                        new LabeledDomain(Part(source), labels).Sharded(communicator),
                        new UnlabeledDomain(Part(target)).Sharded(communicator),
                        FitContext.Seeded(1)
                    )
                    .data<double>()
                    .ToArray();
            }
        );

        Assert.Equal(shared[0], shared[1]);
        Assert.True(expected.Zip(shared[0], (one, other) => Math.Abs(one - other)).Max() < 1e-7);
    }

    [Fact]
    public void Find_Canceled_Throws()
    {
        var (p, q) = Program(Rows(Count, Width, 1), Rows(Count / 2, Width, 2) * 0.9 + 0.3);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        using var canceling = Canceling.By(cancellation.Token);

        Assert.Throws<OperationCanceledException>(() => ActiveSetProgram.Find(p, q, 20, 0.02 * Count, 1.98 * Count));
    }

    public void Dispose() => scope.Dispose();

    private static (QuadraticForm P, Tensor Q) Program(Tensor source, Tensor target)
    {
        IRowSource[] rows = [new TensorRows(source), new TensorRows(target)];
        var features = NystromFeatures.Of(new GaussianKernel(1.0 / source.shape[1]), rows, Landmarks, new RandomKey(1));
        var form = QuadraticForm.OfFactor(features.Of(source));
        return (form, form.FactorTimes(features.Of(target).mean([0L])) * source.shape[0]);
    }

    private static Tensor Rows(long count, long width, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, width], dtype: float64, generator: generator);
    }
}
