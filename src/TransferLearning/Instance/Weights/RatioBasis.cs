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
    public static Tensor Centers(Tensor target, int most, RandomKey key) =>
        Centers(target.shape[0], most, key).to(target.device);

    /// <summary>The same numbers, on the CPU, for so many target rows.</summary>
    public static Tensor Centers(long count, int most, RandomKey key) =>
        count <= most ? arange(count, dtype: int64) : Order(count, key).narrow(0, 0, most);

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
    public static Tensor Order(Tensor rows, RandomKey key) => Order(rows.shape[0], key).to(rows.device);

    /// <summary>The same order, on the CPU, of so many rows.</summary>
    public static Tensor Order(long count, RandomKey key)
    {
        using var generator = key.Generator();
        return randperm(count, generator: generator);
    }

    /// <summary>The Gaussian kernels to choose from.</summary>
    public static IReadOnlyList<GaussianKernel> Kernels(IReadOnlyList<double>? gammas, Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        return Kernels(gammas, () => new GaussianKernel().FixedFor(cat([source, target])));
    }

    /// <summary>The same for rows wherever they lie.</summary>
    public static IReadOnlyList<GaussianKernel> Kernels(
        IReadOnlyList<double>? gammas,
        IReadOnlyList<IRowSource> sources
    ) => Kernels(gammas, () => NystromFeatures.FixedFor(new GaussianKernel(), sources));

    private static IReadOnlyList<GaussianKernel> Kernels(IReadOnlyList<double>? gammas, Func<IKernel> heuristic)
    {
        if (gammas is null)
        {
            var median = ((GaussianKernel)heuristic()).Gamma!.Value;
            return [.. Factors.Select(factor => new GaussianKernel(factor * median))];
        }
        return [.. gammas.Select(gamma => new GaussianKernel(gamma))];
    }
}
