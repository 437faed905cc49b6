using System.Text;
using TransferLearning.Tests.Guards;

namespace TransferLearning.Tests.Documentation;

/// <summary>
/// The index of methods follows from the recipes and the pages of their folders. To write it again, run this test with
/// the environment variable <c>TRANSFERLEARNING_APPROVE=1</c>.
/// </summary>
public sealed class MethodIndex
{
    private static readonly string Source = Repository.Path("src", "TransferLearning");

    [Fact]
    public void Index_HasEveryRecipeAndEveryPage()
    {
        var path = Repository.Path("docs", "method-index.md");
        var expected = Written();
        if (Environment.GetEnvironmentVariable("TRANSFERLEARNING_APPROVE") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
        Assert.All(
            Directory.EnumerateFiles(Repository.Path("docs", "methods"), "*.md"),
            page => Assert.Contains($"(methods/{Path.GetFileName(page)})", expected, StringComparison.Ordinal)
        );
    }

    private static string Written()
    {
        var text = new StringBuilder(
            """
            # Methods by acronym

            Each line is a method of the class `Recipes`: `Recipes.Dann(...)`. The title names the method and the
            acronyms that papers use; its page says what it is for, its formula, its cost and when it fails.
            [Which method?](which-method.md) helps to choose.

            | recipe | method | family |
            |---|---|---|

            """
        );
        foreach (var (recipe, folder) in Recipes().OrderBy(entry => entry.Recipe, StringComparer.OrdinalIgnoreCase))
        {
            var page = Path.GetFileName(folder) + ".md";
            var title = File.ReadLines(Repository.Path("docs", "methods", page)).First()[2..];
            var family = Path.GetRelativePath(Source, Path.GetDirectoryName(folder)!).Replace('\\', '/');
            text.Append($"| `{recipe}` | [{title}](methods/{page}) | {family} |\n");
        }
        return text.ToString();
    }

    // Overloads are one recipe.
    private static IEnumerable<(string Recipe, string Folder)> Recipes() => Overloads().Distinct();

    private static IEnumerable<(string Recipe, string Folder)> Overloads() =>
        from file in Directory.EnumerateFiles(Source, "*Recipe.cs", SearchOption.AllDirectories)
        from line in File.ReadLines(file)
        where line.StartsWith("    public static", StringComparison.Ordinal)
        select (line[..line.IndexOf('(', StringComparison.Ordinal)].Split(' ')[^1], Path.GetDirectoryName(file)!);
}
