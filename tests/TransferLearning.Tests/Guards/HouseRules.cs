using System.Text.RegularExpressions;

namespace TransferLearning.Tests.Guards;

/// <summary>The rules of the house that a compiler does not know.</summary>
public sealed partial class HouseRules
{
    private static readonly string[] Families =
    [
        "Instance",
        "Mapping",
        "Network",
        "Adversarial",
        "Consistency",
        "SelfTraining",
        "ZeroShot",
        "SelfSupervision",
        "Settings",
    ];
    private static readonly string[] Shared = ["Objectives", "Augmentation", "Predictors", "Kernels"];
    private static readonly string[] Beside = ["Theory", "Selection", "Evaluation"];

    // Folders whose types are of the root's namespace.
    private static readonly string[] OfTheRoot = ["", "Parts", "Chain", "Persistence"];

    public static TheoryData<string> SourceFiles() =>
        [
            .. Files()
                .Select(file => Path.GetRelativePath(Repository.Path("src", "TransferLearning"), file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(SourceFiles))]
    public void SourceFile_Imports_PointOneWay(string file)
    {
        var folder = FolderOf(file);
        var text = File.ReadAllText(Repository.Path("src", "TransferLearning", file));
        // A recipe puts published parts together, whatever families they are of; no type can come to know another by
        // it.
        var forbidden = file.EndsWith("Recipe.cs", StringComparison.Ordinal)
            ? [.. Beside.Except([folder])]
            : Forbidden(folder);
        foreach (Match import in Imports().Matches(text))
        {
            Assert.False(
                forbidden.Contains(import.Groups["folder"].Value),
                $"{file} imports TransferLearning.{import.Groups["folder"].Value}: imports point root <- Training <- "
                    + "shared folders <- families, and families do not know each other."
            );
        }
    }

    [Theory]
    [MemberData(nameof(SourceFiles))]
    public void SourceFile_Namespace_IsItsFolder(string file)
    {
        var text = File.ReadAllText(Repository.Path("src", "TransferLearning", file));
        // Recipes are parts of one class at the root.
        var isOfTheRoot = OfTheRoot.Contains(FolderOf(file)) || file.EndsWith("Recipe.cs", StringComparison.Ordinal);
        var expected = isOfTheRoot ? "" : "." + FolderOf(file);
        Assert.Contains($"namespace TransferLearning{expected};", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_Public_AreSealedOrInterfacesOrStatic()
    {
        var open = typeof(AdaptationBuilder)
            .Assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsSealed: false } && !type.IsSubclassOf(typeof(Delegate)))
            .Select(type => type.FullName)
            .ToList();
        Assert.Empty(open);
    }

    [Fact]
    public void Lines_OfCodeAndPages_HaveAtMost120Characters()
    {
        var tooLong = Texts()
            .SelectMany(file =>
                File.ReadLines(file)
                    .Select((line, number) => (line, number))
                    .Where(entry => entry.line.Length > 120 && !CannotBreak(entry.line.TrimStart()))
                    .Select(entry => $"{Path.GetRelativePath(Repository.Root, file)}:{entry.number + 1}")
            )
            .ToList();
        Assert.Empty(tooLong);

        // A table's row, a reference to an overload, and what a program prints.
        static bool CannotBreak(string line) =>
            line.StartsWith('|')
            || line.StartsWith("/// <inheritdoc cref", StringComparison.Ordinal)
            || line.StartsWith("- stage ", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Texts()
    {
        // Pages of figures are written by a program, which leaves the figures beside them.
        var pages = Directory
            .EnumerateFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories)
            .Append(Repository.Path("README.md"))
            .Append(Repository.Path("CONTRIBUTING.md"))
            .Where(page => !File.Exists(Path.ChangeExtension(page, ".csv")));
        return pages.Concat(Files("src")).Concat(Files("tests"));
    }

    private static string FolderOf(string file) =>
        file.Contains(Path.DirectorySeparatorChar) ? file.Split(Path.DirectorySeparatorChar)[0] : "";

    private static HashSet<string> Forbidden(string folder)
    {
        string[] everything = ["Training", "Data", .. Shared, .. Families, .. Beside];
        return folder switch
        {
            // The root's builder and carriers meet training by name; families they do not know.
            _ when OfTheRoot.Contains(folder) => [.. everything.Except(["Training", "Data"])],
            "Internal" or "Data" or "Training" => [.. everything.Except(["Training", "Data"])],
            "Kernels" => [.. everything.Except(["Kernels", "Data"])],
            _ when Shared.Contains(folder) => [.. Families, .. Beside],
            _ when Beside.Contains(folder) => [.. Beside.Except([folder])],
            _ => [.. Families.Except([folder]), .. Beside],
        };
    }

    private static IEnumerable<string> Files(params ReadOnlySpan<string> folder) =>
        Directory
            .EnumerateFiles(
                Repository.Path(folder.IsEmpty ? ["src", "TransferLearning"] : folder),
                "*.cs",
                SearchOption.AllDirectories
            )
            .Where(file =>
                !file.Contains(
                    $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}",
                    StringComparison.Ordinal
                )
                && !file.Contains(
                    $"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}",
                    StringComparison.Ordinal
                )
            );

    [GeneratedRegex(
        @"^using TransferLearning\.(?<folder>\w+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Imports();
}
