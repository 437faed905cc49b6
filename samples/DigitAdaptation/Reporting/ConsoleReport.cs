using DigitAdaptation.Experiments;
using Spectre.Console;
using static DigitAdaptation.Reporting.Markup;

namespace DigitAdaptation.Reporting;

/// <summary>
/// The table at the end: target accuracy with its interval, the gain over the source alone, the time.
/// </summary>
public static class ConsoleReport
{
    /// <summary>Prints one task's table.</summary>
    public static void Print(IAnsiConsole console, TaskResults results)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Title(results)) }
            .AddColumn("Method")
            .AddColumn(new TableColumn("Target accuracy").RightAligned())
            .AddColumn(new TableColumn("Gain").RightAligned())
            .AddColumn(new TableColumn("Time").RightAligned());
        foreach (var method in results.Methods)
        {
            var style =
                method == results.Best ? "bold green"
                : method.Method.Role == MethodRole.Adaptation ? "default"
                : "gray";
            table.AddRow(
                $"[{style}]{Spectre.Console.Markup.Escape(method.Method.Title)}[/]",
                $"[{style}]{Percent(method.Accuracy)} ± {Percent(method.Margin)} %[/]",
                results.Baseline is { } floor && method != floor ? Gain(method.Accuracy - floor.Accuracy) : "",
                $"[gray]{Seconds(method.Seconds)}[/]"
            );
        }

        console.Write(table);
    }

    private static string Title(TaskResults results) =>
        $"{results.Task.SourceName} to {results.Task.TargetName}, {results.Methods[0].Results.Count} seed(s)";

    private static string Gain(double gain) => gain >= 0 ? $"[green]+{Percent(gain)}[/]" : $"[red]−{Percent(-gain)}[/]";
}
