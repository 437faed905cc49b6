using System.Globalization;
using System.Text;
using Evaluate.Measuring;

namespace Evaluate.Reporting;

/// <summary>The tables as a page of Markdown.</summary>
internal static class MarkdownReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="command">The command that makes it.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="outcomes">What was measured.</param>
    public static void Write(
        string path,
        string title,
        string command,
        IReadOnlyList<EvaluationTable> tables,
        IReadOnlyList<Outcome> outcomes
    )
    {
        var page = new StringBuilder();
        page.Append(
            CultureInfo.InvariantCulture,
            $"# {title}\n\n`{command}` makes this page and the CSV file beside it, "
        );
        page.Append(
            "one line a measurement. \"Mean\" is over the tasks, with half the width of its 95% interval: over seeds "
        );
        page.Append(
            "where there are several, else of the rows judged. A star marks figures whose fit logged a warning; the "
                + "first one stands below the table. Time is that of one fit and hangs on what else the machine did.\n"
        );
        foreach (var table in tables)
        {
            Append(page, table, RowSummary.Of(table, outcomes));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, page.ToString());
    }

    private static void Append(StringBuilder page, EvaluationTable table, IReadOnlyList<RowSummary> rows)
    {
        var isPublished = table.Methods.Any(method => method.Published is not null);
        page.Append(CultureInfo.InvariantCulture, $"\n## {table.Title}\n{table.Protocol}\n\n");
        string[] heads =
        [
            Figures.Name(table.Measure),
            .. table.Tasks.Select(task => task.Name),
            "mean",
            .. isPublished ? ["published"] : Array.Empty<string>(),
            "time, s",
        ];
        Line(page, heads);
        Line(page, heads.Select(_ => "---"));
        foreach (var row in rows)
        {
            Line(
                page,
                [
                    row.Method.Name,
                    .. Figures.Cells(row),
                    Figures.WithMargin(row),
                    .. isPublished ? [Published(table.Measure, row.Method)] : Array.Empty<string>(),
                    row.Seconds.ToString("F1", CultureInfo.InvariantCulture),
                ]
            );
        }

        foreach (var row in rows.Where(row => row.Warnings.Any()))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n\\* {row.Method.Name} warned: {row.Warnings.First()}\n");
        }

        foreach (var row in rows.Where(row => row.Faults.Any()))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n{row.Method.Name} failed: {row.Faults.First()}\n");
        }
    }

    private static string Published(Measure measure, EvaluationMethod method) =>
        method.Published is { } figure ? Figures.Of(measure, figure) : "";

    private static void Line(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
