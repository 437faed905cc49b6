using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Principal component analysis.</summary>
internal static class PrincipalAxes
{
    /// <summary>The mean <c>[d]</c> and the leading axes <c>[d, k]</c> of float64 rows; each axis' largest entry is positive.</summary>
    /// <remarks>Eigenvectors of the covariance where rows are many (n d^2 + d^3), else of the Gram matrix (n^2 d + n^3).</remarks>
    public static (Tensor Mean, Tensor Axes) Of(Tensor rows, long count)
    {
        using var scope = NewDisposeScope();
        var mean = rows.mean([0L]);
        var centred = rows - mean;
        var (n, d) = (rows.shape[0], rows.shape[1]);
        Tensor axes;
        if (n < d && count < n)
        {
            var (_, vectors) = linalg.eigh(centred.matmul(centred.t()));
            axes = linalg.qr(centred.t().matmul(vectors.narrow(1, n - count, count).flip(1))).Q;
        }
        else
        {
            var (_, vectors) = linalg.eigh(centred.t().matmul(centred));
            axes = vectors.narrow(1, d - count, count).flip(1);
        }
        axes *= axes.gather(0, axes.abs().argmax(0, keepdim: true)).sign();
        return (mean.MoveToOuterDisposeScope(), axes.MoveToOuterDisposeScope());
    }
}
