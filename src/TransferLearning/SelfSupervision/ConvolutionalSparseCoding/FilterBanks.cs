using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// The arithmetic of images that are sums of filters laid at places: banks <c>[k, c, s, s]</c>, one a scale, and their
/// maps of codes <c>[n, k, h - s + 1, w - s + 1]</c>.
/// </summary>
internal static class FilterBanks
{
    /// <summary>The images <c>[n, c, h, w]</c> that the codes make: each code lays its filter at its place.</summary>
    public static Tensor Rebuilt(IReadOnlyList<Tensor> codes, IReadOnlyList<Tensor> banks)
    {
        using var scope = NewDisposeScope();
        var sum = nn.functional.conv_transpose2d(codes[0], banks[0]);
        for (var s = 1; s < banks.Count; s++)
        {
            Canceling.Check();
            sum += nn.functional.conv_transpose2d(codes[s], banks[s]);
        }
        return sum.MoveToOuterDisposeScope();
    }

    /// <summary>Each image's <c>1/2 |x - rebuilt|^2 + sparsity |codes|_1</c>, <c>[n]</c>.</summary>
    public static Tensor Objective(
        Tensor images,
        IReadOnlyList<Tensor> codes,
        IReadOnlyList<Tensor> banks,
        double sparsity
    )
    {
        using var scope = NewDisposeScope();
        var value = (images - Rebuilt(codes, banks)).square().flatten(1).sum(1) * 0.5;
        foreach (var map in codes)
        {
            Canceling.Check();
            value += map.abs().flatten(1).sum(1) * sparsity;
        }
        return value.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A bound of the codes' curvature: over all frequencies of the images' grid the largest eigenvalue of
    /// <c>sum_k D_k D_k^H</c>, D_k the filter's transform in all channels. Laying filters is a convolution on that
    /// grid, wrapped around, of codes that are 0 where a filter would pass the border.
    /// </summary>
    public static double Curvature(IReadOnlyList<Tensor> banks, long height, long width)
    {
        using var scope = NewDisposeScope();
        Tensor? gram = null;
        foreach (var bank in banks)
        {
            Canceling.Check();
            var (filters, channels, size) = (bank.shape[0], bank.shape[1], bank.shape[2]);
            var padded = nn.functional.pad(bank, [0, width - size, 0, height - size]);
            var waves = fft.rfft2(padded);
            Tensor Rows(Tensor part) => part.permute(2, 3, 1, 0).reshape(-1, channels, filters);
            var (real, imaginary) = (Rows(waves.real), Rows(waves.imag));
            // Complex matrices as real ones of twice the size: the eigenvalues are the same, each twice.
            var embedded = cat([cat([real, imaginary.neg()], 2), cat([imaginary, real], 2)], 1);
            var product = embedded.matmul(embedded.transpose(1, 2));
            gram = gram is null ? product : gram + product;
        }
        return Math.Max(linalg.eigvalsh(gram!).amax().item<double>(), 1e-12);
    }

    /// <summary>
    /// Codes that minimize <see cref="Objective"/> of each image, by FISTA from <paramref name="start"/> or from 0.
    /// Leaves its result in the caller's scope.
    /// </summary>
    public static Tensor[] Coded(
        Tensor images,
        IReadOnlyList<Tensor> banks,
        double sparsity,
        double curvature,
        long iterations,
        IReadOnlyList<Tensor>? start = null
    )
    {
        using var scope = NewDisposeScope();
        Tensor[] codes = start is null ? Zeros(images, banks) : [.. start];
        Tensor[] point = [.. codes];
        var speed = 1.0;
        for (long i = 0; i < iterations; i++)
        {
            using var pass = NewDisposeScope();
            var rest = Rebuilt(point, banks) - images;
            var faster = (1 + Math.Sqrt(1 + (4 * speed * speed))) / 2;
            for (var s = 0; s < banks.Count; s++)
            {
                Canceling.Check();
                var moved = point[s] - (nn.functional.conv2d(rest, banks[s]) * (1 / curvature));
                var next = (moved.abs() - (sparsity / curvature)).clamp_min(0) * moved.sign();
                var ahead = next + ((next - codes[s]) * ((speed - 1) / faster));
                // Of all passes the last one's maps are kept; where they began stays the caller's.
                if (i > 0)
                {
                    codes[s].Dispose();
                    point[s].Dispose();
                }
                (codes[s], point[s]) = (next.MoveToOuterDisposeScope(), ahead.MoveToOuterDisposeScope());
            }
            speed = faster;
        }
        return [.. codes.Select(map => map.MoveToOuterDisposeScope())];
    }

    private static Tensor[] Zeros(Tensor images, IReadOnlyList<Tensor> banks)
    {
        var (n, height, width) = (images.shape[0], images.shape[2], images.shape[3]);
        return
        [
            .. banks.Select(bank =>
                full(
                    [n, bank.shape[0], height - bank.shape[2] + 1, width - bank.shape[2] + 1],
                    0,
                    images.dtype,
                    images.device
                )
            ),
        ];
    }
}
