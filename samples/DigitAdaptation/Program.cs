using DigitAdaptation;
using DigitAdaptation.Digits;
using DigitAdaptation.Experiments;
using DigitAdaptation.Methods;
using DigitAdaptation.Reporting;
using Spectre.Console;

WaitingThreads.SleepSoon();
return DemoOptions.Parse(args, DigitMethods.All, Run);

static int Run(DemoOptions options)
{
    var console = AnsiConsole.Console;
    IReadOnlyList<DigitTask> tasks;
    try
    {
        tasks =
            options.Data is { } folder ? DigitTask.FromFolder(folder)
            : options.Rehearse ? DigitTask.Rehearsals()
            : [DigitTask.Bundled()];
    }
    catch (Exception fault) when (options.Data is not null && fault is (IOException or InvalidDataException))
    {
        Console.Error.WriteLine(
            $"{fault.Message}\n--data names a folder that holds digits/mnist and digits/usps_16x16.npz."
        );
        return 1;
    }

    var experiment = new Experiment(options.Methods, options.Seeds, options.Epochs);
    var results = new List<TaskResults>();
    foreach (var whole in tasks)
    {
        var task = options.Quick ? whole.WithFewer(source: 1500, target: 600) : whole;
        console.Write(new Rule($"[bold]{task.SourceName} to {task.TargetName}[/]").LeftJustified());
        console.MarkupLine(
            $"[gray]{task.Source.Count} labeled images, {task.Target.Count} unlabeled ones, judged on "
                + $"{task.TargetTest.Count} others[/]"
        );
        results.Add(
            LiveProgress.Show(
                console,
                options.Methods,
                options.Seeds,
                options.Epochs,
                progress => experiment.Run(task, progress)
            )
        );
        ConsoleReport.Print(console, results[^1]);
    }

    CreateFolderOf(options.Report);
    new HtmlReport(results, string.Join(" ", ["demo", .. Environment.GetCommandLineArgs()[1..]])).Write(options.Report);
    console.MarkupLineInterpolated($"Report: {options.Report}");
    if (options.Json is { } json)
    {
        CreateFolderOf(json);
        JsonReport.Write(json, results);
        console.MarkupLineInterpolated($"Results: {json}");
    }

    return 0;
}

static void CreateFolderOf(string file) => Directory.CreateDirectory(Path.GetDirectoryName(file)!);
