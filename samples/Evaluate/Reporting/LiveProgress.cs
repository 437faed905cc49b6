using Evaluate.Measuring;
using Spectre.Console;

namespace Evaluate.Reporting;

/// <summary>One progress bar a table that moves with every cell and says what is being measured.</summary>
internal sealed class LiveProgress : IEvaluationProgress
{
    private readonly Dictionary<EvaluationTable, ProgressTask> bars = [];

    private LiveProgress(ProgressContext context, IReadOnlyList<EvaluationTable> tables)
    {
        foreach (var table in tables)
        {
            var cells = table.Seeds * table.Tasks.Count * table.Methods.Count;
            bars[table] = context.AddTask(Label(table, ""), autoStart: false, maxValue: cells);
        }
    }

    /// <summary>Shows the bars while <paramref name="work"/> runs.</summary>
    public static T Show<T>(
        IAnsiConsole console,
        IReadOnlyList<EvaluationTable> tables,
        Func<IEvaluationProgress, T> work
    ) =>
        console
            .Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 20 },
                new PercentageColumn(),
                new ElapsedTimeColumn()
            )
            .Start(context => work(new LiveProgress(context, tables)));

    /// <inheritdoc/>
    public void Started(EvaluationTable table, EvaluationTask task, EvaluationMethod method, int seed)
    {
        bars[table].StartTask();
        bars[table].Description = Label(
            table,
            $"{task.Name}, {method.Name}" + (table.Seeds > 1 ? $", seed {seed}" : "")
        );
    }

    /// <inheritdoc/>
    public void Finished(EvaluationTable table, Outcome outcome)
    {
        bars[table].StartTask();
        bars[table].Increment(1);
        if (bars[table].IsFinished)
        {
            bars[table].Description = Label(table, "");
            bars[table].StopTask();
        }
    }

    private static string Label(EvaluationTable table, string state) =>
        $"{Markup.Escape(table.Name), -20} [gray]{Markup.Escape(state), -34}[/]";
}
