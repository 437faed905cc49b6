using System.Globalization;
using TransferLearning.Internal;

namespace TransferLearning.Theory;

/// <summary>A number that was estimated from a sample, with its confidence interval.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Lower">The lower end of the interval; NaN where there is none.</param>
/// <param name="Upper">The upper end of the interval; NaN where there is none.</param>
public readonly record struct Estimate(double Value, double Lower, double Upper)
{
    /// <summary>A share of a population by how many of a sample's rows are in it: Wilson's interval.</summary>
    /// <param name="hits">How many rows are, k.</param>
    /// <param name="count">How many rows there are, n; the share is <c>k / n</c>.</param>
    /// <param name="confidence">The confidence, from 0 to below 1. Default 0.95.</param>
    public static Estimate OfShare(long hits, long count, double confidence = 0.95)
    {
        var (lower, upper) = WilsonInterval.Of(hits, count, confidence);
        return new Estimate((double)hits / count, lower, upper);
    }

    /// <summary>The sum of two numbers that were estimated from samples of their own.</summary>
    /// <remarks>
    /// <c>a + b</c>, less <c>sqrt((a - lower a)^2 + (b - lower b)^2)</c> below, and likewise above (Zou and Donner
    /// 2008, "Construction of Confidence Limits about Effect Measures").
    /// </remarks>
    /// <param name="other">The other number.</param>
    public Estimate Plus(Estimate other) =>
        new(
            Value + other.Value,
            Value + other.Value - Math.Sqrt(Square(Value - Lower) + Square(other.Value - other.Lower)),
            Value + other.Value + Math.Sqrt(Square(Upper - Value) + Square(other.Upper - other.Value))
        );

    /// <summary>The difference of two numbers that were estimated from samples of their own.</summary>
    /// <remarks>
    /// The sum with the other's negative: of two shares it is Newcombe's interval (Newcombe 1998, "Interval Estimation
    /// for the Difference between Independent Proportions", method 10).
    /// </remarks>
    /// <param name="other">The number to take away.</param>
    public Estimate Minus(Estimate other) => Plus(other.Times(-1));

    /// <summary>The number times a constant.</summary>
    /// <param name="factor">The constant.</param>
    public Estimate Times(double factor) =>
        factor >= 0
            ? new(factor * Value, factor * Lower, factor * Upper)
            : new(factor * Value, factor * Upper, factor * Lower);

    /// <summary>The number, and both ends, brought into a range.</summary>
    /// <param name="least">The least.</param>
    /// <param name="most">The most.</param>
    public Estimate Within(double least, double most) =>
        new(Math.Clamp(Value, least, most), Math.Clamp(Lower, least, most), Math.Clamp(Upper, least, most));

    /// <summary>The number and its interval with three decimals: <c>0.125 [0.080, 0.190]</c>.</summary>
    public override string ToString() =>
        double.IsNaN(Lower)
            ? string.Create(CultureInfo.InvariantCulture, $"{Value:F3}")
            : string.Create(CultureInfo.InvariantCulture, $"{Value:F3} [{Lower:F3}, {Upper:F3}]");

    private static double Square(double number) => number * number;
}
