using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>
/// How well linear functions of bounded norm can follow random signs on given rows: the empirical Rademacher
/// complexity.
/// </summary>
/// <remarks>
/// For <c>H = { x -> w' x : ||w|| &lt;= L }</c>, rows <c>x_1 ... x_n</c> and independent signs s of 1 and -1: <c>R(H) =
/// 1/n E_s sup_{h in H} sum_i s_i h(x_i) = L/n E_s || sum_i s_i x_i ||</c>. It lies between <c>L/n sqrt(sum_i
/// ||x_i||^2)</c>, which it is for rows at right angles, and that divided by the root of 2 (Latała and Oleszkiewicz
/// 1994, "On the Best Constant in the Khinchin-Kahane Inequality"). The width of the rows has no part in it. Mansour,
/// Mohri and Rostamizadeh 2009, "Domain Adaptation: Learning Bounds and Algorithms", have 2 R for it.
/// </remarks>
public static class RademacherComplexity
{
    private const int EnumeratedRows = 12;
    private const long NumbersAtOnce = 1 << 21;

    /// <summary>The complexity of linear functions.</summary>
    /// <remarks>
    /// Of up to 12 rows all signs are gone through, and the interval has no width. Of more the mean is over drawn
    /// signs, with the interval of a mean of independent draws, within the two limits above. Costs <c>draws n d</c>.
    /// Computed in float64.
    /// </remarks>
    /// <param name="rows">Rows <c>[n, d]</c>, a column of ones among them where functions have an intercept.</param>
    /// <param name="norm">The largest norm L of a function, positive.</param>
    /// <param name="draws">How many vectors of signs are drawn, at least 2.</param>
    /// <param name="confidence">The interval's confidence, from 0 to below 1.</param>
    /// <param name="seed">The seed of the signs.</param>
    /// <returns>The complexity, in the unit of the norm times the rows'.</returns>
    public static Estimate OfLinear(
        Tensor rows,
        double norm = 1,
        int draws = 1000,
        double confidence = 0.95,
        long seed = 0
    )
    {
        Guard.Rows(rows);
        Guard.Positive(norm);
        Guard.InRange(confidence, 0, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = rows.detach().to(float64);
        var n = x.shape[0];
        if (n <= EnumeratedRows)
        {
            var exact = Lengths(All(n, x.device), x).mean().ToDouble() * norm / n;
            return new Estimate(exact, exact, exact);
        }
        var lengths = cat([.. Drawn(x, draws, new RandomKey(seed))]) * (norm / n);
        var (mean, spread) = (lengths.mean().ToDouble(), lengths.std().ToDouble());
        var half = WilsonInterval.Quantile(confidence) * spread / Math.Sqrt(draws);
        var most = norm / n * x.square().sum().sqrt().ToDouble();
        // Rounding may carry the mean of equal lengths past their limit.
        return new Estimate(mean, mean - half, mean + half).Within(most / Math.Sqrt(2), most);
    }

    // 2^(n - 1) vectors: those with the first sign turned have the same lengths.
    private static Tensor All(long n, Device device)
    {
        var numbers = arange(1L << (int)(n - 1), int64, device).unsqueeze(1);
        var bits = numbers.bitwise_right_shift(arange(n, int64, device)).bitwise_and(tensor(1L, device: device));
        return (bits * 2).to(float64) - 1;
    }

    private static IEnumerable<Tensor> Drawn(Tensor x, int draws, RandomKey key)
    {
        using var generator = key.Generator();
        var atOnce = (int)Math.Max(1, NumbersAtOnce / x.shape[0]);
        for (var start = 0; start < draws; start += atOnce)
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var count = Math.Min(atOnce, draws - start);
            var signs = (randint(0, 2, [count, x.shape[0]], int64, generator: generator) * 2).to(float64) - 1;
            yield return Lengths(signs.to(x.device), x).MoveToOuterDisposeScope();
        }
    }

    private static Tensor Lengths(Tensor signs, Tensor x) => signs.matmul(x).square().sum(1).sqrt();
}
