using System.Globalization;
using MathNet.Numerics.Distributions;

namespace TransferLearning.Evaluation;

/// <summary>Whether two methods, measured on the same tasks, differ: Wilcoxon's signed-rank test.</summary>
/// <remarks>
/// Differences of 0 are left out. The others are ranked by their sizes, equal sizes sharing the mean of their ranks;
/// <c>W</c> is the smaller of the ranks' sums over positive and over negative differences. With up to 50 differences of
/// distinct sizes the two-sided p-value is exact, counted over all <c>2^n</c> signs; else it is the normal
/// approximation, <c>(W - n (n + 1) / 4) / sqrt(n (n + 1) (2 n + 1) / 24 - sum (t^3 - t) / 48)</c> with the sizes t of
/// the groups of ties (Wilcoxon 1945). It is what Demšar 2006, "Statistical Comparisons of Classifiers over Multiple
/// Data Sets", recommends for two methods. Without a difference the p-value is 1.
/// </remarks>
/// <param name="Statistic">The smaller sum of ranks W.</param>
/// <param name="PValue">The two-sided p-value.</param>
/// <param name="Count">How many differences were not 0.</param>
/// <param name="IsExact">Whether the p-value is exact.</param>
public readonly record struct WilcoxonTest(double Statistic, double PValue, int Count, bool IsExact)
{
    private const int MaxExact = 50;

    /// <summary>Compares two methods' figures.</summary>
    /// <param name="first">The first's figures, one a task.</param>
    /// <param name="second">The second's figures on the same tasks.</param>
    /// <exception cref="ArgumentException">
    /// The numbers of figures differ, there is none, or one is not finite.
    /// </exception>
    public static WilcoxonTest Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length || first.IsEmpty)
        {
            throw new ArgumentException(
                $"second must have one figure for each of the {first.Length} of the first, at least one; got "
                    + $"{second.Length}.",
                nameof(second)
            );
        }
        var differences = new double[first.Length];
        for (var i = 0; i < differences.Length; i++)
        {
            differences[i] = first[i] - second[i];
            if (!double.IsFinite(differences[i]))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"every figure must be finite; number {i} is {first[i]} and {second[i]}."
                    ),
                    nameof(first)
                );
            }
        }
        return Of([.. differences.Where(difference => difference != 0).OrderBy(Math.Abs)]);
    }

    private static WilcoxonTest Of(double[] ordered)
    {
        var n = ordered.Length;
        if (n == 0)
        {
            return new WilcoxonTest(0, 1, 0, true);
        }
        var (positive, ties) = (0.0, 0.0);
        for (var start = 0; start < n; )
        {
            var end = start + 1;
            while (end < n && Math.Abs(ordered[end]) == Math.Abs(ordered[start]))
            {
                end++;
            }
            var (size, rank) = ((double)(end - start), (start + 1 + end) / 2.0);
            positive += rank * ordered[start..end].Count(difference => difference > 0);
            ties += (size * size * size) - size;
            start = end;
        }
        var total = n * (n + 1.0) / 2;
        var statistic = Math.Min(positive, total - positive);
        if (n <= MaxExact && ties == 0)
        {
            return new WilcoxonTest(statistic, Math.Min(1, 2 * ShareOfSigns(n, (int)statistic)), n, true);
        }
        var spread = Math.Sqrt((n * (n + 1.0) * ((2.0 * n) + 1) / 24) - (ties / 48));
        var p = 2 * Normal.CDF(0, 1, (statistic - (total / 2)) / spread);
        return new WilcoxonTest(statistic, Math.Min(1, p), n, false);
    }

    /// <summary>The share of the <c>2^n</c> signs whose positive ranks sum to at most some number.</summary>
    private static double ShareOfSigns(int n, int most)
    {
        var ways = new double[(n * (n + 1) / 2) + 1];
        ways[0] = 1;
        for (var rank = 1; rank <= n; rank++)
        {
            for (var sum = rank * (rank + 1) / 2; sum >= rank; sum--)
            {
                ways[sum] += ways[sum - rank];
            }
        }
        return ways[..(most + 1)].Sum() / Math.Pow(2, n);
    }
}
