// Measures methods on research data sets and writes the tables of docs/results: `dotnet run -c Release --project
// samples/Evaluate -- shallow`.
using Evaluate;
using Evaluate.Episodes;
using Evaluate.Guarding;
using Evaluate.Measuring;
using Evaluate.Reporting;
using Evaluate.Tables;
using Spectre.Console;

return EvaluateOptions.Parse(
    args,
    [
        ShallowSuite.Suite,
        NetworkSuite.Suite,
        DigitSuite.Suite,
        GeneralizationSuite.Suite,
        ValueSuite.Suite,
        OpenSetSuite.Suite,
        ZeroShotSuite.Suite,
        SelfSupervisedSuite.Suite,
    ],
    [GuardSuite.Command(), FewShotSuite.Command()],
    Run
);

static int Run(EvaluateOptions options, CancellationToken cancellation)
{
    var console = AnsiConsole.Console;
    var name = options.Suite.Name;
    var journal = new OutcomeFile(Path.Combine(RepositoryFolder.Path, "artifacts", $"evaluate-{name}.csv"));
    if (options.IsFresh)
    {
        journal.Delete();
    }

    IReadOnlyList<Outcome> outcomes;
    try
    {
        outcomes = LiveProgress.Show(
            console,
            options.Tables,
            progress => new EvaluationRun(options.Tables, journal, progress).Run(cancellation)
        );
    }
    catch (OperationCanceledException)
    {
        console.MarkupLine("Stopped. The same command goes on from here; --fresh starts anew.");
        return 130;
    }
    catch (InvalidDataException fault)
    {
        Console.Error.WriteLine(
            $"{fault.Message}\nNo page was written, and what was measured is kept: the same command goes on from here. "
                + "docs/results/data.md says what the folder of --data holds; --tables leaves tables out."
        );
        return 1;
    }

    foreach (var table in options.Tables)
    {
        ConsoleReport.Print(console, table, outcomes);
    }

    var page = Path.Combine(options.Results, name + ".md");
    MarkdownReport.Write(
        page,
        options.Suite.Title,
        $"dotnet run -c Release --project samples/Evaluate -- {name}{options.Selection}",
        options.Tables,
        outcomes
    );
    new OutcomeFile(Path.ChangeExtension(page, ".csv")).Write(outcomes);
    journal.Delete();
    console.MarkupLineInterpolated($"Tables: {page}");
    ConsoleReport.PrintFaults(console, outcomes);
    return outcomes.All(outcome => outcome.IsMeasured) ? 0 : 1;
}
