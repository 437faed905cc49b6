using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>The factorization in a matrix' own place, over block borders, beside libtorch's.</summary>
public sealed class BlockCholeskyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(700)]
    public void FactorAndSolve_AreThoseOfLibtorch(long n)
    {
        var (rows, right) = (arange(n, dtype: float64).unsqueeze(1), (arange(n, dtype: float64) * 0.7).cos());
        var matrix = (-(rows - rows.t()).abs() / 40).exp() + (eye(n, dtype: float64) * 0.1);
        var (factor, expected) = (matrix.clone(), linalg.cholesky(matrix));

        BlockCholesky.Factor(factor, CancellationToken.None);
        var solution = BlockCholesky.Solve(factor, right);

        Assert.True(factor.tril().allclose(expected, 0, 1e-12));
        Assert.True(matrix.mv(solution).allclose(right, 0, 1e-10));
    }

    [Fact]
    public void Factor_Canceled_Stops()
    {
        var canceled = new CancellationToken(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => BlockCholesky.Factor(eye(3, dtype: float64), canceled));
    }

    public void Dispose() => scope.Dispose();
}
