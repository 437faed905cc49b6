using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class SemiSupervisedTransferComponentAnalysisTests : IDisposable
{
    private static readonly SemiSupervisedTransferComponentAnalysis Small = new()
    {
        Kernel = new GaussianKernel(0.5),
        Components = 3,
        Ridge = 0.2,
        Dependence = 0.7,
        Neighbors = 3,
    };

    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy's generalized symmetric solver on the full matrices.
    [Fact]
    public void Fit_Classes_GivesTheValuesAndInnerProductsOfADenseSolver()
    {
        var (source, target) = (Waves.Source(), Waves.Target());
        using var map = (Small with { Locality = 50 }).Fit(source, target);
        Holds(
            map,
            source.Inputs,
            target,
            [18.00200973, 10.84662177, 3.55496773],
            [0.43872136, -0.01771901, 0.45976133]
        );
    }

    [Fact]
    public void Fit_Values_GivesTheValuesAndInnerProductsOfADenseSolver()
    {
        var (rows, target) = (Waves.Source().Inputs, Waves.Target());
        var source = new LabeledDomain(rows, arange(12, dtype: float64) / 5);
        using var map = (Small with { Locality = 0 }).Fit(source, target);
        Holds(map, rows, target, [24.84911732, 13.62132046, 7.54656034], [0.60859255, 0.02406735, 0.59908477]);
    }

    [Fact]
    public void Fit_WithoutLabelsAndLocality_IsTransferComponents()
    {
        var (source, target) = (Toy.Source(rows: 60), Toy.LabeledTarget(rows: 50).Inputs);
        var kernel = new GaussianKernel(0.3);
        using var plain = new TransferComponentAnalysis { Kernel = kernel, Components = 4 }.Fit(source.Inputs, target);
        using var same = new SemiSupervisedTransferComponentAnalysis
        {
            Kernel = kernel,
            Components = 4,
            Dependence = 0,
            Locality = 0,
        }.Fit(source, target);

        Assert.True(plain.Weights.allclose(same.Weights, 1e-4, 1e-6));
        Assert.True(plain.Eigenvalues.allclose(same.Eigenvalues, 1e-9, 1e-10));
    }

    [Fact]
    public void Fit_ClassesAlongASmallDirection_FindsItByTheLabelsAlone()
    {
        using var generator = new RandomKey(4).Generator();
        var noise = randn([150, 3], dtype: float64, generator: generator) * tensor([0.3, 1.5, 1.5]);
        var labels = arange(90, dtype: int64).remainder(2);
        var source = noise.narrow(0, 0, 90) + (labels.to(float64).unsqueeze(1) * tensor([2.0, 0, 0]));
        var target = noise.narrow(0, 90, 60) + tensor([1.0, 0, 0]);

        double ShareBetweenClasses(double dependence)
        {
            using var map = new SemiSupervisedTransferComponentAnalysis
            {
                Kernel = null,
                Components = 1,
                Dependence = dependence,
            }.Fit(new LabeledDomain(source, labels), target);
            var mapped = map.Extract(source).reshape(45, 2);
            var gap = mapped.mean([0L]);
            return (gap.var(0, unbiased: false) / mapped.var(unbiased: false)).ToDouble();
        }

        Assert.True(ShareBetweenClasses(1) > 0.7, $"{ShareBetweenClasses(1)}");
        Assert.True(ShareBetweenClasses(0) < 0.1, $"{ShareBetweenClasses(0)}");
    }

    [Theory]
    [InlineData(1.5, 1.0, "Dependence")]
    [InlineData(0.5, -1.0, "Locality")]
    public void Fit_BadSettings_NamesThem(double dependence, double locality, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new SemiSupervisedTransferComponentAnalysis { Dependence = dependence, Locality = locality }.Fit(
                Waves.Source(),
                Waves.Target()
            )
        );
        Assert.Equal(name, fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static void Holds(KernelMap map, Tensor source, Tensor target, double[] values, double[] products)
    {
        var first = map.Extract(source);
        // The dense solver's components have sum of squares 1 over all rows, the map's variance 1.
        var rows = source.shape[0] + target.shape[0];
        var got = cat([first.narrow(0, 0, 2), map.Extract(target).narrow(0, 0, 1)]).matmul(first[0]) / rows;
        Assert.True(map.Eigenvalues.allclose(tensor(values), 1e-7, 1e-8));
        Assert.True(got.allclose(tensor(products), 1e-6, 1e-7));
    }
}
