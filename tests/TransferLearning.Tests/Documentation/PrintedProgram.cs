using System.Text.RegularExpressions;
using TransferLearning.Tests.Guards;

namespace TransferLearning.Tests.Documentation;

/// <summary>Pages whose C# blocks are a whole program, with nothing added.</summary>
internal static partial class PrintedProgram
{
    /// <summary>The pages, from the repository's root.</summary>
    public static readonly string[] Pages =
    [
        "README.md",
        Path.Combine("docs", "guide.md"),
        Path.Combine("docs", "images-program.md"),
    ];

    /// <summary>The C# blocks of a page, in order.</summary>
    public static IReadOnlyList<string> Blocks(string page) =>
        [.. Block().Matches(File.ReadAllText(Repository.Path(page))).Select(match => match.Groups["code"].Value)];

    /// <summary>The program that a page prints: its statements in order, then its types.</summary>
    public static string Of(string page) =>
        string.Concat(Blocks(page).OrderBy(block => block.StartsWith("internal ", StringComparison.Ordinal)));

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", Options, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();

    private const RegexOptions Options =
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture;
}
