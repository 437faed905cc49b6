using System.Globalization;

namespace TransferLearning.Internal;

/// <summary>Real numbers in words, the same in every culture.</summary>
internal static class InvariantText
{
    public static string Of(IEnumerable<double> numbers) =>
        string.Join(", ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
