using TransferLearning.Internal;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>Whether two samples come from one distribution: the kernel two-sample test by permutations.</summary>
/// <remarks>
/// The biased estimate of <c>MMD^2</c> (<see cref="MaximumMeanDiscrepancy"/>) is compared with those of the same rows
/// dealt to two samples of the same sizes at random, B times; <c>p = (1 + how many are as large) / (B + 1)</c> (Gretton
/// et al. 2012, "A Kernel Two-Sample Test"; Phipson and Smyth 2010 for the 1). If both samples come from one
/// distribution, p is at most alpha with a probability of at most alpha, at every size of the samples. Holds one kernel
/// matrix of all pairs and costs <c>B (n + m)^2</c>. Computed in float64.
/// </remarks>
public sealed record MaximumMeanDiscrepancyTest
{
    // Permutations that are weighed in one matrix product.
    private const int AtOnce = 128;

    /// <summary>The kernels, added; at least one. Default a Gaussian with the median heuristic.</summary>
    public IReadOnlyList<IKernel> Kernels { get; init; } = [new GaussianKernel()];

    /// <summary>The permutations B, at least 19: no p-value is below <c>1 / (B + 1)</c>. Default 999.</summary>
    [OptionRange(AtLeast = 19)]
    public int Permutations { get; init; } = 999;

    /// <summary>The seed of the permutations. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Tests two samples.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The statistic and its p-value.</returns>
    public MeanDiscrepancyResult Of(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        if (Kernels is not { Count: > 0 })
        {
            throw new ArgumentException("at least one kernel is needed.", nameof(Kernels));
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var all = cat([source, target]).to(float64);
        MeanEmbedding.CheckMemory(nameof(MaximumMeanDiscrepancyTest), all, 2);
        var values = Kernels
            .Select(kernel => kernel.FixedFor(all).Matrix(all, all))
            .Aggregate((sum, next) => sum + next);
        return Of(values, source.shape[0]);
    }

    private MeanDiscrepancyResult Of(Tensor values, long n)
    {
        using var generator = new RandomKey(Seed).Generator();
        var count = values.shape[0];
        var dealt = arange(count, dtype: int64, device: values.device).unsqueeze(1);
        var statistic = Discrepancies(values, dealt, n).item<double>();
        // Deals that differ in the order of their rows alone differ by rounding.
        var least = statistic - (1e-12 * values.abs().max().item<double>());
        long asLarge = 0;
        for (var done = 0; done < Permutations; done += AtOnce)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var some = Math.Min(AtOnce, Permutations - done);
            var deals = rand([count, some], float64, generator: generator).argsort(0).to(values.device);
            asLarge += Discrepancies(values, deals, n).ge(least).sum().ToInt64();
        }
        return new MeanDiscrepancyResult(Math.Max(0, statistic), (1.0 + asLarge) / (1.0 + Permutations), Permutations);
    }

    // Rows of a rank below n are the source's.
    private static Tensor Discrepancies(Tensor values, Tensor ranks, long n)
    {
        var (isSource, m) = (ranks.lt(n).to(float64), values.shape[0] - n);
        var signed = (isSource / n) - ((1 - isSource) / m);
        return (signed * values.matmul(signed)).sum(dim: 0);
    }
}
