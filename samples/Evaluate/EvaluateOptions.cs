using System.CommandLine;
using Evaluate.Measuring;

namespace Evaluate;

/// <summary>What the command line asks for.</summary>
/// <param name="Suite">The tables to measure together.</param>
/// <param name="Tables">Those of them that were asked for.</param>
/// <param name="Selection">The part of the command line that chose them; empty for all.</param>
/// <param name="Results">The folder of the page and the CSV file.</param>
/// <param name="IsFresh">Whether what an interrupted run left is thrown away.</param>
/// <param name="Keeps">Whether what the folder of the page holds already is not measured again.</param>
public sealed record EvaluateOptions(
    Suite Suite,
    IReadOnlyList<EvaluationTable> Tables,
    string Selection,
    string Results,
    bool IsFresh,
    bool Keeps
)
{
    /// <summary>Reads the arguments and calls <paramref name="run"/> with what they ask for.</summary>
    /// <returns>
    /// The exit code of the program: that of <paramref name="run"/>, or 1 after a message about the arguments.
    /// </returns>
    public static int Parse(
        string[] arguments,
        IReadOnlyList<Suite> suites,
        IReadOnlyList<Command> others,
        Func<EvaluateOptions, CancellationToken, int> run
    )
    {
        var command = new RootCommand("Measures methods on research data and writes the tables of docs/results.");
        foreach (var suite in suites)
        {
            command.Add(Command(suite, run));
        }

        foreach (var other in others)
        {
            command.Add(other);
        }

        return command.Parse(arguments).InvokeAsync().GetAwaiter().GetResult();
    }

    /// <summary>The command of a page that a suite writes by itself, and of the CSV file beside it.</summary>
    /// <param name="name">The command's name, and the files'.</param>
    /// <param name="description">What the page is about.</param>
    /// <param name="run">Measures: the folder of the data, whether all anew, and what stops it.</param>
    internal static Command PageCommand(string name, string description, Func<string, bool, CancellationToken, int> run)
    {
        var data = DataOption();
        var fresh = new Option<bool>("--fresh") { Description = $"Measures anew what docs/results/{name}.csv holds." };
        var command = new Command(name, description) { data, fresh };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var source = parsed.GetRequiredValue(data);
                return Task.FromResult(
                    IsThere(source) ? run(source.FullName, parsed.GetValue(fresh), cancellation) : 1
                );
            }
        );
        return command;
    }

    private static Option<DirectoryInfo> DataOption() =>
        new("--data")
        {
            Description = "The folder that holds the data sets; docs/results/data.md says what it holds.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(RepositoryFolder.Path, "..", "shared", "data")),
        };

    /// <summary>Whether the folder of the data sets is there; says so where it is not.</summary>
    internal static bool IsThere(DirectoryInfo data)
    {
        if (!data.Exists)
        {
            Console.Error.WriteLine(
                $"There is no folder '{data.FullName}': give that of the data sets by --data; "
                    + "docs/results/data.md says what it holds."
            );
        }

        return data.Exists;
    }

    private static Command Command(Suite suite, Func<EvaluateOptions, CancellationToken, int> run)
    {
        var data = DataOption();
        var tables = new Option<string>("--tables")
        {
            Description = "Only these tables, separated by commas.",
            HelpName = "a,b",
        };
        var methods = new Option<string>("--methods")
        {
            Description =
                "Only methods of these names, separated by commas; a word that is no name stands for all that "
                + "contain it.",
            HelpName = "a,b",
        };
        var tasks = new Option<string>("--tasks")
        {
            Description = "Only tasks with one of these names, separated by commas.",
            HelpName = "a,b",
        };
        var results = new Option<DirectoryInfo?>("--results")
        {
            Description = "Where the page and the CSV file go: docs/results, or artifacts/evaluate for a selection.",
        };
        var fresh = new Option<bool>("--fresh")
        {
            Description = "Starts anew where an interrupted run would be taken up.",
        };
        var keep = new Option<bool>("--keep")
        {
            Description = "Takes over what the CSV file beside the page holds and measures what it lacks.",
        };
        var command = new Command(suite.Name, suite.Title) { data, tables, methods, tasks, results, fresh, keep };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var source = parsed.GetRequiredValue(data);
                if (!IsThere(source))
                {
                    return Task.FromResult(1);
                }

                var all = suite.Tables(source.FullName);
                var (wantedTables, wantedMethods) = (Words(parsed.GetValue(tables)), Words(parsed.GetValue(methods)));
                var wantedTasks = Words(parsed.GetValue(tasks));
                var chosen = all.Where(table => wantedTables.Length == 0 || wantedTables.Contains(table.Name))
                    .Select(table =>
                        table with
                        {
                            Methods = Chosen(table.Methods, wantedMethods),
                            Tasks =
                            [
                                .. table.Tasks.Where(t => wantedTasks.Length == 0 || wantedTasks.Contains(t.Name)),
                            ],
                        }
                    )
                    .Where(table => table.Methods.Count > 0 && table.Tasks.Count > 0)
                    .ToList();
                if (chosen.Count == 0)
                {
                    var names = string.Join(", ", all.Select(table => table.Name));
                    Console.Error.WriteLine($"Nothing is left of that selection; the tables are {names}.");
                    return Task.FromResult(1);
                }

                var selection = string.Concat(
                    new[] { tables, methods, tasks }
                        .Where(option => Words(parsed.GetValue(option)).Length > 0)
                        .Select(option => $" {option.Name} \"{parsed.GetValue(option)}\"")
                );
                var folder =
                    selection.Length > 0 ? Path.Combine("artifacts", "evaluate") : Path.Combine("docs", "results");
                return Task.FromResult(
                    run(
                        new EvaluateOptions(
                            suite,
                            chosen,
                            selection,
                            parsed.GetValue(results)?.FullName ?? Path.Combine(RepositoryFolder.Path, folder),
                            parsed.GetValue(fresh),
                            parsed.GetValue(keep)
                        ),
                        cancellation
                    )
                );
            }
        );
        return command;
    }

    // DAN is not DANN: a word that is a method's whole name chooses that method alone.
    private static IReadOnlyList<EvaluationMethod> Chosen(IReadOnlyList<EvaluationMethod> methods, string[] words)
    {
        if (words.Length == 0)
        {
            return methods;
        }

        var names = words.Where(word => methods.Any(m => m.Name.Equals(word, StringComparison.OrdinalIgnoreCase)));
        var whole = names.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return
        [
            .. methods.Where(m =>
                whole.Contains(m.Name)
                || words.Any(w => !whole.Contains(w) && m.Name.Contains(w, StringComparison.OrdinalIgnoreCase))
            ),
        ];
    }

    private static string[] Words(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
