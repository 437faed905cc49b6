using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The centers and candidate widths that kernel density ratios share.</summary>
internal static class RatioBasis
{
    // Factors of the median heuristic's gamma that are tried where none are given.
    private static readonly double[] Factors = [1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 1, 2, 4, 8, 16];

    /// <summary>
    /// The numbers of the target rows that serve as centers: all in their order, or as many as are wanted, drawn by the
    /// key.
    /// </summary>
    public static Tensor Centers(Tensor target, int most, RandomKey key)
    {
        var count = target.shape[0];
        return count <= most
            ? arange(count, dtype: int64, device: target.device)
            : Order(target, key).narrow(0, 0, most);
    }

    /// <summary>Kernel values of all rows and centers, and what is computed from them, must fit.</summary>
    public static void CheckMemory(string method, Tensor source, Tensor target, int most) =>
        MemoryNeed.Check(
            method,
            source,
            source.shape[0] + target.shape[0],
            Math.Min(most, target.shape[0]),
            6,
            "Lower MaxCenters.",
            float64
        );

    /// <summary>A random order of some rows.</summary>
    public static Tensor Order(Tensor rows, RandomKey key)
    {
        using var generator = key.Generator();
        return randperm(rows.shape[0], generator: generator).to(rows.device);
    }

    /// <summary>The Gaussian kernels to choose from.</summary>
    public static IReadOnlyList<GaussianKernel> Kernels(IReadOnlyList<double>? gammas, Tensor source, Tensor target)
    {
        if (gammas is null)
        {
            using var scope = NewDisposeScope();
            var median = ((GaussianKernel)new GaussianKernel().FixedFor(cat([source, target]))).Gamma!.Value;
            return [.. Factors.Select(factor => new GaussianKernel(factor * median))];
        }
        return [.. gammas.Select(gamma => new GaussianKernel(gamma))];
    }
}
