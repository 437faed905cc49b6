using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Runs the small samples as a user does, and reads what they print.</summary>
public sealed partial class SampleTests
{
    [Fact]
    public void CustomPipeline_OwnParts_GainOverSourceOnly()
    {
        var lines = Run("CustomPipeline");

        Assert.Equal(2, lines.Count);
        Assert.True(Accuracy(lines[1], 0) > Accuracy(lines[0], 0) + 10, string.Join('\n', lines));
    }

    [Fact]
    public void TabularShift_WeightsAndMaps_GainWhereTheirShiftIs()
    {
        var lines = Run("TabularShift");

        var (source, weights, coral) = (lines[1], lines[2], lines[3]);
        Assert.StartsWith("KMM", weights, StringComparison.Ordinal);
        Assert.StartsWith("CORAL", coral, StringComparison.Ordinal);
        Assert.True(Accuracy(weights, 0) > Accuracy(source, 0) + 3, string.Join('\n', lines));
        Assert.True(Accuracy(coral, 1) > Accuracy(source, 1) + 5, string.Join('\n', lines));
    }

    [Fact]
    public void Serving_AskedByEightClients_AnswersRightAndSeesNoDrift()
    {
        var line = Run("Serving", "--load", "3")[^1];

        Assert.Contains(" 0 wrong", line, StringComparison.Ordinal);
        Assert.Contains("alarm False", line, StringComparison.Ordinal);
        Assert.EndsWith("a row of another width: 400", line, StringComparison.Ordinal);
    }

    private static List<string> Run(string sample, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, sample + ".dll"), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{sample} ended with {process.ExitCode}:\n{output}\n{error.Result}");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static double Accuracy(string line, int column) =>
        double.Parse(Percentages().Matches(line)[column].Groups["accuracy"].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<accuracy>\d+\.\d) ?%", RegexOptions.NonBacktracking)]
    private static partial Regex Percentages();
}
