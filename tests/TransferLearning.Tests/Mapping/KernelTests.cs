using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Similarities of matching rows and of all pairs.</summary>
public sealed class KernelTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<IKernel> Kernels() =>
        [new GaussianKernel(0.3), new LinearKernel(), new PolynomialKernel(3, gamma: 0.5, constant: 1)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pairwise_OfMatchingRows_IsTheDiagonalOfAllPairs(IKernel kernel)
    {
        using var generator = new RandomKey(1).Generator();
        var (left, right) = (
            randn([5, 3], float64, generator: generator),
            randn([5, 3], float64, generator: generator)
        );

        var pairs = kernel.Pairwise(left, right);

        Assert.True(pairs.allclose(kernel.Matrix(left, right).diagonal(), 1e-12, 1e-12));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pairwise_OfRowsThatDoNotMatch_IsRefused(IKernel kernel)
    {
        var rows = ones(5, 3, float64);

        // One row would be held against all others, and one column against all columns.
        foreach (var other in new[] { ones(1, 3, float64), ones(5, 1, float64), ones(3, float64) })
        {
            Assert.Throws<ArgumentException>("right", () => kernel.Pairwise(rows, other));
        }
        Assert.Equal(0, kernel.Pairwise(rows.narrow(0, 0, 0), rows.narrow(0, 0, 0)).shape[0]);
    }

    public void Dispose() => scope.Dispose();
}
