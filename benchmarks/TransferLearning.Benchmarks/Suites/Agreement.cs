using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>A baseline counts only where it computes what the library computes.</summary>
internal static class Agreement
{
    /// <summary>Throws where two ways to compute the same differ.</summary>
    /// <param name="name">What is computed.</param>
    /// <param name="library">The library's way.</param>
    /// <param name="plain">The baseline's.</param>
    /// <param name="tolerance">The largest difference, in parts of the largest value.</param>
    public static void Check(string name, Func<Tensor> library, Func<Tensor> plain, double tolerance = 1e-6)
    {
        using var scope = NewDisposeScope();
        var (mine, other) = (library().to(float64), plain().to(float64));
        var largest = other.abs().max().item<double>();
        var gap = (mine - other).abs().max().item<double>();
        if (!(gap <= tolerance * largest))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"{name}: the library and plain TorchSharp differ by {gap:g3} of {largest:g3}; they must compute the same."
                )
            );
        }
    }
}
