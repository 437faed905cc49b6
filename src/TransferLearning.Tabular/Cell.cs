using System.Globalization;

namespace TransferLearning.Tabular;

/// <summary>Cells as numbers and texts, the same in every culture.</summary>
internal static class Cell
{
    private const NumberStyles Number =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The number that a text is; infinite ones are none.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, Number, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>
    /// A text as a category: <c>1.0</c> is <c>1</c>, as in a column of numbers; <c>01234</c> stays what it is.
    /// </summary>
    public static string Category(string text) =>
        text.AsSpan().IndexOfAny(".eE") >= 0 && TryNumber(text, out var number) ? Text(number) : text;
}
