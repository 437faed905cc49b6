using System.CommandLine;

namespace WhichMethod;

/// <summary>What the command line asks for.</summary>
/// <param name="Source">A CSV file with labels, or a folder with a sub-folder of images for each class.</param>
/// <param name="Target">A CSV file, or a folder of images; labels are not read.</param>
/// <param name="Label">The label's column; for images null.</param>
/// <param name="Output">Where model, report and journal go.</param>
/// <param name="Seeds">How many fits there are of each candidate.</param>
/// <param name="All">Whether all candidates are tried, whatever the shift.</param>
/// <param name="Judge">Whether target labels say in the end how good the choice was.</param>
/// <param name="IsFresh">Whether what an earlier run has done is forgotten.</param>
internal sealed record WhichMethodOptions(
    string Source,
    string Target,
    string? Label,
    string Output,
    int Seeds,
    bool All,
    bool Judge,
    bool IsFresh
)
{
    /// <summary>The journal of the search.</summary>
    public string Journal => Path.Combine(Output, "search.jsonl");

    /// <summary>Reads the arguments and calls <paramref name="run"/>.</summary>
    /// <returns>The exit code: that of <paramref name="run"/>, or 1 after a message about the arguments.</returns>
    public static int Parse(string[] arguments, Func<WhichMethodOptions, CancellationToken, int> run)
    {
        var data = Path.Combine(AppContext.BaseDirectory, "data");
        var source = new Option<string>("--source")
        {
            Description = "A CSV file with labels, or a folder with a sub-folder of images for each class.",
            DefaultValueFactory = _ => Path.Combine(data, "plant-a.csv"),
        };
        var target = new Option<string>("--target")
        {
            Description = "A CSV file, or a folder of images, of the other domain; its labels are not read.",
            DefaultValueFactory = _ => Path.Combine(data, "plant-b.csv"),
        };
        var label = new Option<string>("--label")
        {
            Description = "The column of the CSV files that holds the classes.",
            DefaultValueFactory = _ => "failed",
        };
        var output = new Option<string>("--output")
        {
            Description = "Where the model, the report and the journal of the search go.",
            DefaultValueFactory = _ => Path.Combine("artifacts", "which-method"),
        };
        var seeds = new Option<int>("--seeds")
        {
            Description = "How many fits there are of each candidate.",
            DefaultValueFactory = _ => 2,
        };
        var all = new Option<bool>("--all") { Description = "Tries all candidates, whatever the shift." };
        var judge = new Option<bool>("--judge")
        {
            Description = "Reads target labels after everything is decided, and says how good the choice was.",
        };
        var fresh = new Option<bool>("--fresh") { Description = "Forgets what an earlier run has done." };
        var command = new RootCommand("Says which method of transfer suits two domains, and fits it.")
        {
            source,
            target,
            label,
            output,
            seeds,
            all,
            judge,
            fresh,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var from = parsed.GetRequiredValue(source);
                var options = new WhichMethodOptions(
                    from,
                    parsed.GetRequiredValue(target),
                    Directory.Exists(from) ? null : parsed.GetRequiredValue(label),
                    Path.GetFullPath(parsed.GetRequiredValue(output)),
                    Math.Max(1, parsed.GetValue(seeds)),
                    parsed.GetValue(all),
                    parsed.GetValue(judge),
                    parsed.GetValue(fresh)
                );
                return Task.Run(() => run(options, cancellation), CancellationToken.None);
            }
        );
        return command.Parse(arguments).Invoke();
    }
}
