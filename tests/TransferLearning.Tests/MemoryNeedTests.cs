using TransferLearning.Instance;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests;

/// <summary>Work whose matrices would not fit is refused before it starts, with the bytes and the way out.</summary>
public sealed class MemoryNeedTests : IDisposable
{
    private const long AtHand = 50_000;

    private readonly DisposeScope scope = NewDisposeScope();

    private static LabeledDomain Source => Toy.Source(rows: 60);

    private static Tensor Target => Toy.LabeledTarget(rows: 40).Inputs;

    /// <summary>Each method with the numbers that its error must name and the way out.</summary>
    public static TheoryData<string, string, Action> Methods() =>
        new()
        {
            { "100 x 100", "Landmarks", () => new TransferComponentAnalysis().Fit(Source.Inputs, Target) },
            {
                "100 x 100",
                "Landmarks",
                () => new JointDistributionAdaptation { Kernel = new GaussianKernel() }.Fit(Source, Target)
            },
            {
                "100 x 100",
                "Landmarks",
                () => new BalancedDistributionAdaptation { Kernel = new GaussianKernel() }.Fit(Source, Target)
            },
            { "100 x 100", "fewer rows", () => new TransferJointMatching().Fit(Source.Inputs, Target) },
            { "100 x 100", "Locality", () => new SemiSupervisedTransferComponentAnalysis().Fit(Source, Target) },
            { "100 x 100", "fewer rows", () => new ManifoldEmbeddedDistributionAlignment().Classify(Source, Target) },
            { "60 x 60", "Landmarks", () => new KernelMeanMatching().Weigh(Source.Inputs, Target) },
            { "60 x 60", "KernelMeanMatching", () => new LinearDiscrepancyMinimization().Weigh(Source.Inputs, Target) },
            { "100 x 40", "MaxCenters", () => new LeastSquaresImportanceFitting().Fit(Source.Inputs, Target) },
            { "100 x 40", "MaxCenters", () => new KullbackLeiblerImportanceEstimation().Fit(Source.Inputs, Target) },
            { "60 x 40", "MiniBatchTransport", () => new OptimalTransport().Fit(Source, Target) },
            { "60 x 40", "part of the rows", () => new CoOptimalTransport().Fit(Source.Inputs, Target) },
            { "60 x 40", "MiniBatchTransport", () => Plan(new ExactTransport()) },
            { "60 x 40", "MiniBatchTransport", () => Plan(new GroupLassoTransport()) },
            { "60 x 40", "MiniBatchTransport", () => Plan(new ClassSparseTransport()) },
            { "60 x 40", "MiniBatchTransport", () => Plan(new UnbalancedTransport()) },
            { "60 x 40", "MiniBatchTransport", () => Plan(new PartialTransport()) },
            { "60 x 40", "MiniBatchTransport", () => Plan(new EntropicPartialTransport()) },
            { "60 x 40", "part of the rows", () => new GromovWassersteinMap().Fit(Source.Inputs, Target) },
            { "100 x 100", "Estimator", () => Discrepancy(new MaximumMeanDiscrepancy(Many(4))) },
            { "100 x 100", "Estimator", () => Discrepancy(new MultiKernelMaximumMeanDiscrepancy()) },
            {
                "35 x 35 numbers of 8 bytes",
                "batches",
                () => new GraphSpectralAlignment().Between(Source.Inputs.narrow(0, 0, 35), Target.narrow(0, 0, 35))
            },
            { "60 x 60", "batches", () => Discrepancy(new EnergyDistance()) },
            { "60 x 60", "SlicedWasserstein", () => Discrepancy(new SinkhornDivergence()) },
        };

    [Theory]
    [MemberData(nameof(Methods))]
    public void Method_OfMatricesThatDoNotFit_NamesTheBytesAndTheWayOut(string size, string wayOut, Action compute)
    {
        using var assumed = MemoryNeed.Assume(AtHand);

        var fault = Assert.Throws<InsufficientMemoryException>(compute);

        Assert.Contains(size, fault.Message, StringComparison.Ordinal);
        Assert.Contains("50,000 bytes are at hand", fault.Message, StringComparison.Ordinal);
        Assert.Contains(wayOut, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WaysOut_OfTheSameRows_FitIntoTheSameMemory()
    {
        using var assumed = MemoryNeed.Assume(AtHand);

        using var components = new TransferComponentAnalysis { Landmarks = 20, Components = 3 }.Fit(
            Source.Inputs,
            Target
        );
        using var moved = new MiniBatchTransport { BatchSize = 20 }.Fit(Source, Target);
        var weights = new KernelMeanMatching { Landmarks = 20 }.Weigh(Source.Inputs, Target);

        Assert.Equal(60, weights.shape[0]);
    }

    [Fact]
    public void Check_OfAHundredMillionPairs_CountsThemBeyondTheRangeOfLong()
    {
        var fault = Assert.Throws<InsufficientMemoryException>(() =>
            MemoryNeed.Check("It", zeros(1, dtype: float64), 1L << 40, 1L << 40, 2, "Do less.")
        );
        Assert.StartsWith("It needs 19,342,813,113,834,", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesAtHand_OnThisMachine_AreWithinReason() => Assert.InRange(MemoryAtHand.Bytes(), 1L << 20, 1L << 50);

    public void Dispose() => scope.Dispose();

    private static GaussianKernel[] Many(int count) =>
        [.. Enumerable.Range(1, count).Select(gamma => new GaussianKernel(gamma))];

    private static void Plan(ITransportSolver solver)
    {
        var cost = SquaredDistances.Between(Source.Inputs.to(float64), Target.to(float64));
        solver.Plan(new TransportProblem(cost, sourceLabels: Source.Labels));
    }

    private static void Discrepancy(IDiscrepancy discrepancy) => discrepancy.Between(Source.Inputs, Target);
}
