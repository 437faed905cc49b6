// Measures methods on research data sets and writes the tables of docs/results: `dotnet run -c Release --project
// samples/Evaluate -- shallow`.
using Evaluate;
using Evaluate.Episodes;
using Evaluate.Guarding;
using Evaluate.Measuring;
using Evaluate.Reporting;
using Evaluate.Streams;
using Evaluate.Tables;
using Spectre.Console;

return EvaluateOptions.Parse(
    args,
    [
        ShallowSuite.Suite,
        NetworkSuite.Suite,
        DigitSuite.Suite,
        ImageSuite.Suite,
        GeneralizationSuite.Suite,
        SourcesSuite.Suite,
        ValueSuite.Suite,
        OpenSetSuite.Suite,
        ZeroShotSuite.Suite,
        SelfSupervisedSuite.Suite,
        FewLabelsSuite.Suite,
    ],
    [GuardSuite.Command(), FewShotSuite.Command(), StreamSuite.Command()],
    Run
);

static int Run(EvaluateOptions options, CancellationToken cancellation)
{
    var console = AnsiConsole.Console;
    var name = options.Suite.Name;
    var page = Path.Combine(options.Results, name + ".md");
    var (result, resultCurves) = Files(options.Results, name);
    var (journal, curves) = Files(Path.Combine(RepositoryFolder.Path, "artifacts"), "evaluate-" + name);
    if (options.IsFresh)
    {
        journal.Delete();
        curves.Write([]);
    }

    if (options.Keeps)
    {
        journal.TakeOver(result);
        curves.TakeOver(resultCurves);
    }

    IReadOnlyList<Outcome> outcomes;
    try
    {
        outcomes = LiveProgress.Show(
            console,
            options.Tables,
            progress => new EvaluationRun(options.Tables, journal, curves, progress).Run(cancellation)
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

    MarkdownReport.Write(
        page,
        options.Suite.Title,
        $"dotnet run -c Release --project samples/Evaluate -- {name}{options.Selection}",
        options.Tables,
        outcomes
    );
    result.Write(outcomes);
    console.MarkupLineInterpolated($"Tables: {page}");
    if (options.Tables.Any(table => table.HasCurves))
    {
        var drawn = curves.Read();
        resultCurves.Write(drawn);
        var report = Path.Combine(options.Results, name + "-curves.html");
        CurveReport.Write(report, options.Suite.Title, options.Tables, outcomes, drawn);
        console.MarkupLineInterpolated($"Curves: {report}");
    }

    journal.Delete();
    curves.Write([]);
    ConsoleReport.PrintFaults(console, outcomes);
    return outcomes.All(outcome => outcome.IsMeasured) ? 0 : 1;
}

static (OutcomeFile Outcomes, CurveFile Curves) Files(string folder, string name) =>
    (new OutcomeFile(Path.Combine(folder, name + ".csv")), new CurveFile(Path.Combine(folder, name + "-curves.jsonl")));
