using System.Globalization;
using System.Text.RegularExpressions;

namespace Evaluate.Measuring;

/// <summary>Outcomes as CSV: the journal of a run that can be taken up again, and its result.</summary>
/// <param name="path">The file; written anew as a whole, so that it is never half written.</param>
public sealed partial class OutcomeFile(string path)
{
    private const string Header = "table,task,method,seed,value,rows,seconds,fault,warning";

    /// <summary>What the file holds; nothing where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is not of this form.</exception>
    public IReadOnlyList<Outcome> Read()
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var lines = File.ReadAllLines(path);
        return lines.Length > 0 && lines[0] == Header
            ? [.. lines.Skip(1).Select(Parse)]
            : throw new InvalidDataException($"'{path}' does not start with '{Header}'.");
    }

    /// <summary>Writes outcomes in place of what the file held.</summary>
    public void Write(IEnumerable<Outcome> outcomes) => WholeFile.Write(path, outcomes.Select(Line).Prepend(Header));

    /// <summary>Adds what another file holds and this one does not.</summary>
    public void TakeOver(OutcomeFile other) =>
        Write(Read().Concat(other.Read()).DistinctBy(o => (o.Table, o.Task, o.Method, o.Seed)));

    /// <summary>Removes the file, where there is one.</summary>
    public void Delete()
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static string Line(Outcome outcome) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Table},{Cell(outcome.Task)},{Cell(outcome.Method)},{outcome.Seed},{outcome.Value:R},{outcome.Rows},{outcome.Seconds:F2},{Cell(outcome.Fault)},{Cell(outcome.Warning)}"
        );

    // Quoted where a comma or a quotation mark would break the line; line ends become spaces.
    private static string Cell(string text) =>
        text.AsSpan().ContainsAny(',', '"')
            ? $"\"{text.ReplaceLineEndings(" ").Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text.ReplaceLineEndings(" ");

    [GeneratedRegex(
        "\\G(?:\"(?<quoted>(?:[^\"]|\"\")*)\"|(?<plain>[^,\"]*))(?:,|$)",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Cells();

    private static string[] Split(string line) =>
        [
            .. Cells()
                .Matches(line)
                .Select(match =>
                    match.Groups["quoted"] is { Success: true } quoted
                        ? quoted.Value.Replace("\"\"", "\"", StringComparison.Ordinal)
                        : match.Groups["plain"].Value
                ),
        ];

    private Outcome Parse(string line)
    {
        var cells = Split(line);
        try
        {
            return new Outcome(
                cells[0],
                cells[1],
                cells[2],
                int.Parse(cells[3], CultureInfo.InvariantCulture),
                double.Parse(cells[4], CultureInfo.InvariantCulture),
                long.Parse(cells[5], CultureInfo.InvariantCulture),
                double.Parse(cells[6], CultureInfo.InvariantCulture),
                cells[7],
                cells[8]
            );
        }
        catch (Exception fault) when (fault is FormatException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}' holds a line that is no outcome: {line}", fault);
        }
    }
}
