using System.Globalization;

namespace Evaluate.Guarding;

/// <summary>What one model of a task is worth, and what the validators say of it.</summary>
/// <param name="Task">The domains.</param>
/// <param name="Kind">What was done to them.</param>
/// <param name="IsDevelopment">Whether rules are chosen on it.</param>
/// <param name="Method">The method.</param>
/// <param name="Accuracy">Its accuracy on the target, by labels that nothing else read.</param>
/// <param name="Mixture">The accuracy of the mean of its probabilities and those of the one without adaptation.</param>
/// <param name="Disagreement">The share of target rows that it reads otherwise than the one without adaptation.</param>
/// <param name="Scores">Each validator's value.</param>
internal sealed record GuardOutcome(
    string Task,
    string Kind,
    bool IsDevelopment,
    string Method,
    double Accuracy,
    double Mixture,
    double Disagreement,
    IReadOnlyList<double> Scores
)
{
    private const int Texts = 4;

    /// <summary>The first line of a CSV file of outcomes.</summary>
    public static string Head { get; } =
        string.Join(
            ',',
            ["task", "kind", "half", "method", "accuracy", "mixture", "disagreement", .. GuardMethods.ScoreNames]
        );

    /// <summary>The outcome as a line of a CSV file.</summary>
    public string Line() =>
        string.Join(
            ',',
            [
                Task,
                Kind,
                IsDevelopment ? "chosen on" : "judged on",
                Method,
                .. new[] { Accuracy, Mixture, Disagreement }
                    .Concat(Scores)
                    .Select(number => number.ToString("R", CultureInfo.InvariantCulture)),
            ]
        );

    /// <summary>Reads what <see cref="Line"/> wrote.</summary>
    public static GuardOutcome Read(string line)
    {
        var cells = line.Split(',');
        double[] numbers = [.. cells[Texts..].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
        return new GuardOutcome(
            cells[0],
            cells[1],
            cells[2] == "chosen on",
            cells[3],
            numbers[0],
            numbers[1],
            numbers[2],
            numbers[3..]
        );
    }
}
