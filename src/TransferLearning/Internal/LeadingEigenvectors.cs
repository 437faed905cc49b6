using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>The few largest eigenvalues, and their vectors, of a symmetric positive semi-definite operator.</summary>
/// <remarks>
/// Block Lanczos with full reorthogonalization and Rayleigh-Ritz (Golub and Van Loan 2013, section 10.3) from a fixed
/// start, ended when every wanted pair has a residual below 1e-11 of the largest eigenvalue. Small matrices, and those
/// whose pairs have not settled before the basis reaches a third of the size, are factorized whole.
/// </remarks>
internal static class LeadingEigenvectors
{
    private const long SmallSize = 256;
    private const double Tolerance = 1e-11;

    /// <summary>Values <c>[k]</c>, largest first, and vectors <c>[n, k]</c> of the operator.</summary>
    /// <param name="apply">The operator times a block <c>[n, b]</c>.</param>
    /// <param name="dense">The operator as a matrix <c>[n, n]</c>, called only where it is factorized whole.</param>
    /// <param name="size">n.</param>
    /// <param name="count">k.</param>
    /// <param name="device">Where the operator lives.</param>
    public static (Tensor Values, Tensor Vectors) Of(
        Func<Tensor, Tensor> apply,
        Func<Tensor> dense,
        long size,
        long count,
        Device device
    )
    {
        using var scope = NewDisposeScope();
        var (values, vectors) =
            (size > SmallSize && count <= size / 16 ? Lanczos(apply, size, count, device) : null)
            ?? Whole(dense(), size, count);
        return (values.MoveToOuterDisposeScope(), vectors.MoveToOuterDisposeScope());
    }

    private static (Tensor Values, Tensor Vectors) Whole(Tensor matrix, long size, long count)
    {
        var (values, vectors) = linalg.eigh(matrix);
        return (
            values.narrow(0, size - count, count).flip(0),
            vectors.narrow(1, size - count, count).flip(1).contiguous()
        );
    }

    private static (Tensor Values, Tensor Vectors)? Lanczos(
        Func<Tensor, Tensor> apply,
        long size,
        long count,
        Device device
    )
    {
        var width = count + 8;
        using var generator = new RandomKey(1).Generator();
        var block = linalg.qr(randn([size, width], dtype: float64, generator: generator).to(device)).Q;
        var basis = block;
        var images = apply(block);
        while (basis.shape[1] + width <= size / 3)
        {
            Canceling.Check();
            var small = basis.t().matmul(images);
            var (values, rotation) = linalg.eigh((small + small.t()) / 2);
            var wanted = rotation.narrow(1, values.shape[0] - count, count).flip(1);
            var leading = values.narrow(0, values.shape[0] - count, count).flip(0);
            var vectors = basis.matmul(wanted);
            var residual = (images.matmul(wanted) - (vectors * leading)).norm(0).max();
            if (residual.item<double>() <= Tolerance * Math.Max(leading[0].item<double>(), double.Epsilon))
            {
                return (leading, vectors);
            }
            block = images.narrow(1, images.shape[1] - width, width);
            for (var pass = 0; pass < 3; pass++)
            {
                block = linalg.qr(block - basis.matmul(basis.t().matmul(block))).Q;
            }
            basis = cat([basis, block], 1);
            images = cat([images, apply(block)], 1);
        }
        return null;
    }
}
