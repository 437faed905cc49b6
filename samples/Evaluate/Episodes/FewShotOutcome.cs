using System.Globalization;

namespace Evaluate.Episodes;

/// <summary>A method's accuracy over episodes.</summary>
/// <param name="Data">The data set.</param>
/// <param name="Method">The method.</param>
/// <param name="Shots">How many labeled rows of each class an episode has.</param>
/// <param name="Value">The mean accuracy, a share.</param>
/// <param name="Lower">The lower end of its 95% interval over episodes.</param>
/// <param name="Upper">The upper end.</param>
/// <param name="Episodes">How many episodes there were.</param>
internal sealed record FewShotOutcome(
    string Data,
    string Method,
    int Shots,
    double Value,
    double Lower,
    double Upper,
    int Episodes
)
{
    /// <summary>The head of the CSV file.</summary>
    public const string Head = "data,method,shots,value,lower,upper,episodes";

    /// <summary>Reads a line of the CSV file.</summary>
    public static FewShotOutcome Read(string line)
    {
        var cells = line.Split(',');
        double Number(int cell) => double.Parse(cells[cell], CultureInfo.InvariantCulture);
        return new(cells[0], cells[1], (int)Number(2), Number(3), Number(4), Number(5), (int)Number(6));
    }

    /// <summary>The line of the CSV file.</summary>
    public string Line() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Data},{Method},{Shots},{Value:R},{Lower:R},{Upper:R},{Episodes}"
        );

    /// <summary>In per cent, with half the width of the interval.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * Value:F1} ± {50 * (Upper - Lower):F1}");
}
