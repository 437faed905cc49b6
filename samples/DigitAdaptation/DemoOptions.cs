using System.CommandLine;
using DigitAdaptation.Experiments;

namespace DigitAdaptation;

/// <summary>What the command line asks for.</summary>
/// <param name="Methods">The methods, in the order of the table.</param>
/// <param name="Seeds">The number of seeds, from 1 on.</param>
/// <param name="Epochs">How long networks are trained.</param>
/// <param name="Quick">Whether fewer images are trained on.</param>
/// <param name="Rehearse">Whether the tasks are the made shifts on which settings were chosen.</param>
/// <param name="Data">The folder with MNIST and USPS, or null for the bundled digits.</param>
/// <param name="Report">Where the page goes.</param>
/// <param name="Json">Where the single results go, or null for nowhere.</param>
public sealed record DemoOptions(
    IReadOnlyList<DigitMethod> Methods,
    int Seeds,
    int Epochs,
    bool Quick,
    bool Rehearse,
    string? Data,
    string Report,
    string? Json
)
{
    private const int DefaultEpochs = 10;
    private const int QuickEpochs = 5;

    /// <summary>Reads the arguments and calls <paramref name="run"/> with what they ask for.</summary>
    /// <returns>
    /// The exit code of the program: that of <paramref name="run"/>, or 1 after a message about the arguments.
    /// </returns>
    public static int Parse(string[] arguments, IReadOnlyList<DigitMethod> known, Func<DemoOptions, int> run)
    {
        var names = string.Join(", ", known.Select(method => method.Name));
        var methods = new Option<string>("--methods")
        {
            Description = $"The methods to train, separated by commas: {names}. All of them if not given.",
            HelpName = "a,b",
        };
        var seeds = new Option<int>("--seeds")
        {
            Description = "How many times every method is trained, with the seeds 1, 2, ...",
            DefaultValueFactory = _ => 1,
        };
        var epochs = new Option<int?>("--epochs")
        {
            Description =
                $"How long networks are trained: {DefaultEpochs} epochs if not given, {QuickEpochs} with --quick.",
        };
        var quick = new Option<bool>("--quick")
        {
            Description = "Trains for a shorter time and on fewer images: under a minute in all.",
        };
        var rehearse = new Option<bool>("--rehearse")
        {
            Description =
                "MNIST to a shifted MNIST instead, by two shifts: the tasks on which the methods' settings were "
                + "chosen.",
        };
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "A folder that holds digits/mnist and digits/usps_16x16.npz: MNIST to USPS and back.",
        };
        var report = new Option<FileInfo>("--report")
        {
            Description = "Where the report goes, an HTML page.",
            DefaultValueFactory = _ => new FileInfo(Path.Combine("artifacts", "digit-adaptation.html")),
        };
        var json = new Option<FileInfo?>("--json") { Description = "Where every single result goes, as JSON." };
        data.AcceptExistingOnly();
        AtLeastOne(seeds);
        AtLeastOne(epochs);
        methods.Validators.Add(result =>
        {
            var unknown = Names(result.GetValueOrDefault<string>())
                .Except(known.Select(method => method.Name))
                .ToList();
            if (unknown.Count > 0)
            {
                result.AddError($"There is no method '{string.Join("', '", unknown)}'; there are {names}.");
            }
        });

        var command = new RootCommand(
            "Trains a reader of handwritten digits on one data set and adapts it to another without seeing a label of "
                + "it."
        )
        {
            quick,
            methods,
            seeds,
            epochs,
            rehearse,
            data,
            report,
            json,
        };
        command.SetAction(parsed =>
        {
            var chosen = Names(parsed.GetValue(methods)).ToList();
            return run(
                new DemoOptions(
                    chosen.Count == 0 ? known : [.. known.Where(method => chosen.Contains(method.Name))],
                    parsed.GetValue(seeds),
                    parsed.GetValue(epochs) ?? (parsed.GetValue(quick) ? QuickEpochs : DefaultEpochs),
                    parsed.GetValue(quick),
                    parsed.GetValue(rehearse),
                    parsed.GetValue(data)?.FullName,
                    parsed.GetRequiredValue(report).FullName,
                    parsed.GetValue(json)?.FullName
                )
            );
        });
        return command.Parse(arguments).Invoke();
    }

    private static IEnumerable<string> Names(string? list) =>
        (list ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => name.ToLowerInvariant());

    private static void AtLeastOne<T>(Option<T> option) =>
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is < 1)
            {
                result.AddError($"{option.Name} must be at least 1.");
            }
        });
}
