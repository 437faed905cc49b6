using System.Collections;
using System.Globalization;

namespace TransferLearning;

/// <summary>
/// The numbers that an option may have, declared once: a chain checks them before anything is computed, a method of the
/// library when it is called directly.
/// </summary>
/// <remarks>
/// NaN is never legal, infinity only with <see cref="AllowsInfinity"/>; null of a nullable option always is. Of a list
/// every number counts, and there must be one. Types outside the library may declare their options so, too: the chain
/// reads the attribute from whatever it finds in a stage (<see cref="IPlanned"/>).
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionRangeAttribute : Attribute
{
    /// <summary>The smallest legal number. Default none.</summary>
    public double AtLeast { get; init; } = double.NegativeInfinity;

    /// <summary>The number that a legal one exceeds. Default none.</summary>
    public double Above { get; init; } = double.NegativeInfinity;

    /// <summary>The largest legal number. Default none.</summary>
    public double AtMost { get; init; } = double.PositiveInfinity;

    /// <summary>The number that a legal one stays below. Default none.</summary>
    public double Below { get; init; } = double.PositiveInfinity;

    /// <summary>Whether infinity within the other limits is legal. Default false.</summary>
    public bool AllowsInfinity { get; init; }

    /// <summary>Whether a number is legal.</summary>
    /// <param name="value">The option's value.</param>
    public bool Allows(double value) =>
        value >= AtLeast
        && value <= AtMost
        && (value > Above || double.IsNegativeInfinity(Above))
        && (value < Below || double.IsPositiveInfinity(Below))
        && (AllowsInfinity || double.IsFinite(value));

    /// <summary>What is wrong with an option's value in words, or null.</summary>
    internal string? Fault(string name, object? value)
    {
        var numbers = value is null ? null : (value as IEnumerable ?? new[] { value }).Cast<object>().ToList();
        if (numbers is null || (numbers.Count > 0 && numbers.TrueForAll(number => Allows(ToDouble(number)))))
        {
            return null;
        }
        if (numbers.Count == 0)
        {
            return $"{name} must hold at least one number; it is empty.";
        }
        var wrong = numbers.Find(number => !Allows(ToDouble(number)))!;
        var subject = value is IEnumerable ? $"{name} must each be" : $"{name} must be";
        return $"{subject} {Rule(wrong is double or float)}; got {ToText(wrong)}.";
    }

    private string Rule(bool isReal)
    {
        var lower = double.IsFinite(Above)
            ? Above == 0
                ? "positive"
                : $"above {ToText(Above)}"
            : double.IsFinite(AtLeast)
                ? $"at least {ToText(AtLeast)}"
                : null;
        var upper =
            double.IsFinite(Below) ? $"below {ToText(Below)}"
            : double.IsFinite(AtMost) ? $"at most {ToText(AtMost)}"
            : !isReal ? null
            : AllowsInfinity ? "a number"
            : "finite";
        return string.Join(" and ", new[] { lower, upper }.OfType<string>());
    }

    private static double ToDouble(object number) => Convert.ToDouble(number, CultureInfo.InvariantCulture);

    private static string ToText(object number) => Convert.ToString(number, CultureInfo.InvariantCulture)!;
}
