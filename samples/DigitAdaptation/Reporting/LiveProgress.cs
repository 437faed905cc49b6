using DigitAdaptation.Experiments;
using Spectre.Console;

namespace DigitAdaptation.Reporting;

/// <summary>One progress bar a method that moves with every epoch and says how well the target is read.</summary>
public sealed class LiveProgress : IExperimentProgress
{
    private readonly Dictionary<DigitMethod, ProgressTask> _bars = [];
    private readonly int _seeds;
    private readonly int _epochs;

    private LiveProgress(ProgressContext context, IReadOnlyList<DigitMethod> methods, int seeds, int epochs)
    {
        _seeds = seeds;
        _epochs = epochs;
        foreach (var method in methods)
        {
            _bars[method] = context.AddTask(Label(method, ""), autoStart: false, maxValue: (double)seeds * epochs);
        }
    }

    /// <summary>Shows the bars while <paramref name="work"/> runs.</summary>
    public static T Show<T>(
        IAnsiConsole console,
        IReadOnlyList<DigitMethod> methods,
        int seeds,
        int epochs,
        Func<IExperimentProgress, T> work
    ) =>
        console
            .Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 30 },
                new PercentageColumn(),
                new ElapsedTimeColumn()
            )
            .Start(context => work(new LiveProgress(context, methods, seeds, epochs)));

    /// <inheritdoc/>
    public void Started(DigitMethod method, int seed)
    {
        _bars[method].StartTask();
        _bars[method].Description = Label(method, _seeds > 1 ? $"seed {seed}" : "");
    }

    /// <inheritdoc/>
    public void Epoch(DigitMethod method, int epoch, double accuracy)
    {
        _bars[method].Increment(1);
        _bars[method].Description = Label(method, $"epoch {epoch}: {Markup.Percent(accuracy)}%");
    }

    /// <inheritdoc/>
    public void Finished(DigitMethod method, MethodResult result)
    {
        _bars[method].Value = (double)result.Seed * _epochs;
        _bars[method].Description = Label(method, $"{Markup.Percent(result.Accuracy)}%");
        if (result.Seed == _seeds)
        {
            _bars[method].StopTask();
        }
    }

    private static string Label(DigitMethod method, string state) =>
        $"{Spectre.Console.Markup.Escape(method.Title), -22} [gray]{state, -22}[/]";
}
