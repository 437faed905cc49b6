using MathNet.Numerics.Distributions;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>Whether two classifiers, on the same rows, are right equally often: McNemar's test.</summary>
/// <remarks>
/// Only rows count that one classifier reads rightly and the other wrongly, b rows for the first and c for the second.
/// If both are equally good, b is binomial of <c>b + c</c> throws and 1/2: the exact p-value is
/// <c>min(1, 2 P(X &lt;= min(b, c)))</c>. The approximation by the chi-squared distribution of 1 degree,
/// <c>(|b - c| - 1)^2 / (b + c)</c> with Edwards' correction, is good from about 25 such rows on (McNemar 1947; Edwards
/// 1948). Where no row tells them apart both p-values are 1.
/// </remarks>
/// <param name="OnlyFirst">The rows b that the first alone reads rightly.</param>
/// <param name="OnlySecond">The rows c that the second alone reads rightly.</param>
/// <param name="PValue">The exact two-sided p-value.</param>
/// <param name="ChiSquared">The corrected statistic.</param>
/// <param name="ChiSquaredPValue">The p-value of the corrected statistic.</param>
public readonly record struct McNemarTest(
    long OnlyFirst,
    long OnlySecond,
    double PValue,
    double ChiSquared,
    double ChiSquaredPValue
)
{
    /// <summary>Compares two classifiers' predictions.</summary>
    /// <param name="first">Scores <c>[n, C]</c> or class numbers, int64 <c>[n]</c>, of the first.</param>
    /// <param name="second">The second's, for the same rows.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <exception cref="ArgumentException">
    /// The shapes do not go together, there is no row, or a score is NaN.
    /// </exception>
    public static McNemarTest Of(Tensor first, Tensor second, Tensor labels)
    {
        Guard.Alive(first);
        Guard.Alive(second);
        Guard.Alive(labels);
        using var scope = NewDisposeScope();
        var (a, b) = (Right(Classes.Of(first), labels), Right(Classes.Of(second), labels));
        return Of((a & ~b).sum().ToInt64(), (b & ~a).sum().ToInt64());
    }

    /// <summary>Compares two classifiers by the rows that one alone reads rightly.</summary>
    /// <param name="onlyFirst">How many rows the first alone reads rightly.</param>
    /// <param name="onlySecond">How many rows the second alone reads rightly.</param>
    public static McNemarTest Of(long onlyFirst, long onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var all = checked((int)(onlyFirst + onlySecond));
        if (all == 0)
        {
            return new McNemarTest(0, 0, 1, 0, 1);
        }
        var exact = Math.Min(1, 2 * new Binomial(0.5, all).CumulativeDistribution(Math.Min(onlyFirst, onlySecond)));
        var corrected = Math.Max(0, Math.Abs(onlyFirst - onlySecond) - 1);
        var statistic = Math.Pow(corrected, 2) / all;
        return new McNemarTest(
            onlyFirst,
            onlySecond,
            exact,
            statistic,
            1 - MathNet.Numerics.Distributions.ChiSquared.CDF(1, statistic)
        );
    }

    private static Tensor Right(Tensor classes, Tensor labels)
    {
        Classes.Check(classes, labels);
        return classes.cpu().eq(labels.cpu());
    }
}
