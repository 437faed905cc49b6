using TransferLearning.Tests.Guards;

namespace TransferLearning.Tests.Documentation;

/// <summary>Holds the documentation to the code: every example runs, every method has its page.</summary>
public sealed class DocumentationTests
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
        "Augmentation",
        "Theory",
    ];

    // Groups of methods inside a family.
    private static readonly string[] Rooms =
    [
        "Weights",
        "LabelShift",
        "Boosting",
        "Replacement",
        "Alignment",
        "Components",
        "Transport",
        "Discrepancies",
        "Normalization",
        "Generalization",
        "OpenSet",
        "Universal",
        "SourceFree",
    ];

    public static TheoryData<string> Pages()
    {
        var pages = Directory
            .EnumerateFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories)
            .Select(page => Path.GetRelativePath(Repository.Root, page))
            .Except(PrintedProgram.Pages, StringComparer.Ordinal);
        return [.. pages.Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_Examples_StandInTheTestsVerbatim(string page)
    {
        var tests = Directory
            .EnumerateFiles(Repository.Path("tests", "TransferLearning.Tests", "Documentation"), "*.cs")
            .Select(file => Squeeze(File.ReadAllText(file)))
            .ToList();
        foreach (var example in PrintedProgram.Blocks(page))
        {
            Assert.True(
                tests.Exists(test => test.Contains(Squeeze(example), StringComparison.Ordinal)),
                $"{page}: this example is in no test:\n{example}"
            );
        }
    }

    [Fact]
    public void MethodFolders_All_HaveTheirPage()
    {
        var missing = Families
            .SelectMany(family => Directory.EnumerateDirectories(Repository.Path("src", "TransferLearning", family)))
            .SelectMany(folder =>
                Rooms.Contains(Path.GetFileName(folder)) ? Directory.EnumerateDirectories(folder) : [folder]
            )
            .Select(folder => Path.GetFileName(folder))
            .Where(method => !File.Exists(Repository.Path("docs", "methods", method + ".md")))
            .ToList();
        Assert.Empty(missing);
    }

    [Fact]
    public void MethodPages_All_HaveTheirParts()
    {
        foreach (var page in Directory.EnumerateFiles(Repository.Path("docs", "methods"), "*.md"))
        {
            var text = File.ReadAllText(page);
            foreach (
                var part in new[] { "**For**", "**Formula.**", "**Cost.**", "**Fails**", "```csharp", "**Reference" }
            )
            {
                Assert.True(text.Contains(part, StringComparison.Ordinal), $"{Path.GetFileName(page)} lacks {part}");
            }
        }
    }

    // White space is the formatter's business.
    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
