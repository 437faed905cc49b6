using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;
using TransferLearning.Benchmarks;

namespace Samples.Tests;

/// <summary>The benchmarks run, agree with their baselines, and are compared by ratio.</summary>
public sealed class BenchmarkTests
{
    [Fact]
    public void EverySuite_RunOnce_AgreesWithItsBaselines()
    {
        var output = new StringWriter();

        var count = SuiteCheck.Run(output);

        Assert.True(count >= 90, output.ToString());
    }

    [Fact]
    public void EverySuite_MeasuresMemoryAndIsToldInThePage()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFolder(), "benchmarks", "README.md"));
        Assert.All(
            SuiteCheck.Suites(),
            suite =>
            {
                Assert.NotNull(suite.GetCustomAttribute<MemoryDiagnoserAttribute>());
                var category = Assert.Single(suite.GetCustomAttribute<BenchmarkCategoryAttribute>()!.Categories);
                var row = Assert.Single(
                    page.Split('\n'),
                    line => line.StartsWith('|') && line.Contains($"`{suite.Name}`", StringComparison.Ordinal)
                );
                Assert.Contains($"`{category}`", row, StringComparison.Ordinal);
            }
        );
    }

    // The tests run in tests/Samples.Tests/bin/<configuration>/<framework>.
    private static string RepositoryFolder() =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."));

    [Fact]
    public void Compare_RunsOnAMachineHalfAsFast_FindsWhatBecameSlowerBesides()
    {
        using var folder = new Results();
        var before = folder.Write("before", ("A", 100), ("PlainA", 50), ("B", 10));
        var slower = folder.Write("slower", ("A", 200), ("PlainA", 100), ("B", 30));
        var output = new StringWriter();

        Assert.True(ResultComparison.Print(before, before, 1.15, output));
        Assert.False(ResultComparison.Print(before, slower, 1.15, output));
        Assert.Contains("The machine took 2.000 times as long, by 1 baseline(s)", output.ToString());
        Assert.Contains("| Suite.A (Rows=1) | 1.000 |  |", output.ToString());
        Assert.Contains("| Suite.B (Rows=1) | 1.500 | slower |", output.ToString());
        Assert.True(ResultComparison.Print(before, slower, 1.6, output));
    }

    [Fact]
    public void Compare_OfNothing_SaysWhatIsMissing()
    {
        using var folder = new Results();
        var (some, others) = (folder.Write("some", ("A", 1)), folder.Write("others", ("B", 1)));

        Assert.Throws<InvalidDataException>(() => ResultComparison.Print(some, others, 1.15, TextWriter.Null));
        var missing = Assert.Throws<FileNotFoundException>(() =>
            ResultComparison.Print(some, Path.Combine(folder.Path, "none"), 1.15, TextWriter.Null)
        );
        Assert.Contains("report-full.json", missing.Message, StringComparison.Ordinal);
    }

    private sealed class Results : IDisposable
    {
        public string Path { get; } =
            System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

        public string Write(string name, params ReadOnlySpan<(string Method, double Median)> results)
        {
            var folder = Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;
            var lines = new List<string>();
            foreach (var (method, median) in results)
            {
                var number = median.ToString(CultureInfo.InvariantCulture);
                lines.Add(
                    $"{{\"Type\":\"Suite\",\"Method\":\"{method}\",\"Parameters\":\"Rows=1\","
                        + $"\"Statistics\":{{\"Median\":{number}}}}}"
                );
            }
            File.WriteAllText(
                System.IO.Path.Combine(folder, "Suite-report-full.json"),
                $$"""{"Benchmarks":[{{string.Join(',', lines)}}]}"""
            );
            return folder;
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
