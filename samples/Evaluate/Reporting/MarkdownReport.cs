using System.Globalization;
using System.Text;
using Evaluate.Measuring;

namespace Evaluate.Reporting;

/// <summary>The tables as a page of Markdown.</summary>
internal static class MarkdownReport
{
    // In points of per cent.
    private const double UnwarnedLoss = 2;
    private const double LeastShown = 0.001;

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
        if (tables.Any(table => table.Seeds > 1 && table.Baseline is not null))
        {
            page.Append(
                "\nA p-value is that of Wilcoxon's signed-rank test, two-sided, over all tasks and seeds together. Seeds of "
                    + "one task have its rows in common, so that it is too small where few tasks decide; seeds that change neither row count once.\n"
            );
        }

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
        var baseline = table.Seeds > 1 ? rows.SingleOrDefault(row => row.Method.Name == table.Baseline) : null;
        page.Append(CultureInfo.InvariantCulture, $"\n## {table.Title}\n{table.Protocol}\n\n");
        string[] heads =
        [
            Figures.Name(table.Measure),
            .. table.Tasks.Select(task => task.Name),
            "mean",
            .. baseline is null ? Array.Empty<string>() : [$"p against {table.Baseline}"],
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
                    .. baseline is null ? Array.Empty<string>() : [Paired(row, baseline)],
                    .. isPublished ? [Published(table.Measure, row.Method)] : Array.Empty<string>(),
                    row.Seconds.ToString("F1", CultureInfo.InvariantCulture),
                ]
            );
        }

        foreach (var row in rows.Where(row => row.Warnings.Any()))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n\\* {row.Method.Name} warned: {row.Warnings.First()}\n");
        }

        AppendLosses(page, table, rows);
        foreach (var row in rows.Where(row => row.Faults.Any()))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n{row.Method.Name} failed: {row.Faults.First()}\n");
        }
    }

    // A method that harms should say so: cells far below the same learner without adaptation whose fits did not warn.
    private static void AppendLosses(StringBuilder page, EvaluationTable table, IReadOnlyList<RowSummary> rows)
    {
        if (rows.SingleOrDefault(row => row.Method.Name == table.Baseline) is not { Outcomes.Count: > 0 })
        {
            return;
        }

        var losses = rows.Select(row => (row.Method.Name, Cells: Losses(rows, row)))
            .Where(row => row.Cells.Count > 0)
            .Select(row => $"{row.Name} ({string.Join(", ", row.Cells)})")
            .ToList();
        page.Append(
            CultureInfo.InvariantCulture,
            $"\nMore than {UnwarnedLoss} points below the row without adaptation that they are held against, without a warning: "
        );
        page.Append(losses.Count == 0 ? "none" : string.Join("; ", losses)).Append(".\n");
    }

    // Nothing where only other methods were asked for.
    private static List<string> Losses(IReadOnlyList<RowSummary> rows, RowSummary row) =>
        rows.SingleOrDefault(other => other.Method.Name == (row.Method.Baseline ?? row.Table.Baseline)) is { } baseline
            ?
            [
                .. row.UnwarnedLosses(baseline, UnwarnedLoss)
                    .Select(cell => string.Create(CultureInfo.InvariantCulture, $"{cell.Task} {cell.Loss:F1}")),
            ]
            : [];

    private static string Paired(RowSummary row, RowSummary baseline) =>
        row == baseline || row.Against(baseline) is not { } test ? ""
        : test.PValue < LeastShown ? string.Create(CultureInfo.InvariantCulture, $"below {LeastShown}")
        : test.PValue.ToString("F3", CultureInfo.InvariantCulture);

    private static string Published(Measure measure, EvaluationMethod method) =>
        method.Published is { } figure ? Figures.Of(measure, figure) : "";

    private static void Line(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
