using System.Globalization;
using System.Text.Json;

namespace TransferLearning.Benchmarks;

/// <summary>Compares two runs of the suites by the ratio of their times.</summary>
/// <remarks>
/// Baselines in plain TorchSharp (methods named Plain...) tell how much faster or slower the machine itself was: the
/// geometric mean of their ratios is divided out of all others.
/// </remarks>
internal static class ResultComparison
{
    private const string BaselinePrefix = "Plain";

    /// <summary>Prints the table.</summary>
    /// <param name="before">A file of full JSON results, or a folder of them.</param>
    /// <param name="after">Those to compare with it.</param>
    /// <param name="tolerance">The largest ratio that is no regression.</param>
    /// <param name="output">Where to.</param>
    /// <returns>Whether nothing became slower, and nothing that was measured before is missing.</returns>
    /// <exception cref="FileNotFoundException">There are no results.</exception>
    /// <exception cref="InvalidDataException">The two have no benchmark in common.</exception>
    public static bool Print(string before, string after, double tolerance, TextWriter output)
    {
        var (old, @new) = (Read(before), Read(after));
        var ratios = (
            from result in @new
            where old.ContainsKey(result.Key)
            orderby result.Key
            select (result.Key, Ratio: result.Value.Median / old[result.Key].Median, result.Value.IsBaseline)
        ).ToList();
        if (ratios.Count == 0)
        {
            throw new InvalidDataException($"{before} and {after} have no benchmark in common.");
        }
        var baselines = ratios.Where(one => one.IsBaseline).Select(one => Math.Log(one.Ratio)).ToList();
        var machine = baselines.Count == 0 ? 1 : Math.Exp(baselines.Average());
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The machine took {machine:F3} times as long, by {baselines.Count} baseline(s); divided out below."
            )
        );
        output.WriteLine();
        output.WriteLine("| benchmark | time, after / before | |");
        output.WriteLine("|---|---|---|");
        var slower = 0;
        foreach (var (name, raw, isBaseline) in ratios)
        {
            var ratio = raw / machine;
            var isSlower = !isBaseline && ratio > tolerance;
            slower += isSlower ? 1 : 0;
            var remark =
                isSlower ? "slower"
                : isBaseline ? "baseline"
                : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {ratio:F3} | {remark} |"));
        }
        output.WriteLine();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{slower} of {ratios.Count(one => !one.IsBaseline)} benchmark(s) took more than {tolerance} times as long."
            )
        );
        // One that fails has no time.
        var missing = old.Keys.Except(@new.Keys).Order(StringComparer.Ordinal).ToList();
        missing.ForEach(name => output.WriteLine($"Only before: {name}"));
        return slower == 0 && missing.Count == 0;
    }

    private static Dictionary<string, (double Median, bool IsBaseline)> Read(string path)
    {
        var files = Directory.Exists(path) ? Directory.GetFiles(path, "*-report-full.json") : [path];
        if (files.Length == 0 || !Array.TrueForAll(files, File.Exists))
        {
            throw new FileNotFoundException(
                $"{path} holds no results: give a file *-report-full.json or the folder that BenchmarkDotNet wrote "
                    + "(BenchmarkDotNet.Artifacts/results)."
            );
        }
        var results = new Dictionary<string, (double, bool)>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            foreach (var benchmark in document.RootElement.GetProperty("Benchmarks").EnumerateArray())
            {
                // A benchmark that failed has no statistics, and one that took no time cannot be compared.
                if (
                    benchmark.TryGetProperty("Statistics", out var statistics)
                    && statistics.ValueKind != JsonValueKind.Null
                )
                {
                    var method = benchmark.GetProperty("Method").GetString()!;
                    if (statistics.GetProperty("Median").GetDouble() is > 0 and var median)
                    {
                        results[Name(benchmark)] = (
                            median,
                            method.StartsWith(BaselinePrefix, StringComparison.Ordinal)
                        );
                    }
                }
            }
        }
        return results;
    }

    private static string Name(JsonElement benchmark)
    {
        var parameters = benchmark.GetProperty("Parameters").GetString();
        var name = $"{benchmark.GetProperty("Type").GetString()}.{benchmark.GetProperty("Method").GetString()}";
        return string.IsNullOrEmpty(parameters) ? name : $"{name} ({parameters})";
    }
}
