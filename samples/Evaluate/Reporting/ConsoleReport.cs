using System.Globalization;
using Evaluate.Measuring;
using Spectre.Console;

namespace Evaluate.Reporting;

/// <summary>The tables on the console.</summary>
internal static class ConsoleReport
{
    /// <summary>Prints one table.</summary>
    public static void Print(IAnsiConsole console, EvaluationTable table, IReadOnlyList<Outcome> outcomes)
    {
        var grid = new Table().Title(Markup.Escape(table.Title)).RoundedBorder();
        grid.AddColumn(Figures.Name(table.Measure));
        foreach (var heading in table.Tasks.Select(task => task.Name).Append("mean").Append("time, s"))
        {
            grid.AddColumn(new TableColumn(Markup.Escape(heading)).RightAligned());
        }

        var rows = RowSummary.Of(table, outcomes);
        foreach (var row in rows)
        {
            grid.AddRow([
                Markup.Escape(row.Method.Name),
                .. Figures.Cells(row),
                $"[bold]{Figures.WithMargin(row)}[/]",
                row.Seconds.ToString("F1", CultureInfo.InvariantCulture),
            ]);
        }

        console.Write(grid);
        foreach (var row in rows.Where(row => row.Warnings.Any()))
        {
            console.MarkupLineInterpolated($"* {row.Method.Name} warned: {row.Warnings.First()}");
        }
    }

    /// <summary>Prints what failed.</summary>
    public static void PrintFaults(IAnsiConsole console, IEnumerable<Outcome> outcomes)
    {
        foreach (var outcome in outcomes.Where(outcome => !outcome.IsMeasured))
        {
            console.MarkupLineInterpolated(
                $"[red]failed:[/] {outcome.Table}, {outcome.Task}, {outcome.Method}, seed {outcome.Seed}: {outcome.Fault}"
            );
        }
    }
}
