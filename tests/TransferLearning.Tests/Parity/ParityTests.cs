using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Parity;

/// <summary>Holds the library against figures that the peer libraries' own code computed.</summary>
[Trait("Category", "Parity")]
public sealed class ParityTests(ParityTally tally) : IClassFixture<ParityTally>
{
    private static readonly Dictionary<string, IParityAdapter> Adapters = typeof(ParityTests)
        .Assembly.GetTypes()
        .Where(type => typeof(IParityAdapter).IsAssignableFrom(type) && !type.IsAbstract)
        .Select(type => (IParityAdapter)Activator.CreateInstance(type)!)
        .SelectMany(adapter => adapter.Functions.Select(function => (function, adapter)))
        .ToDictionary(pair => pair.function, pair => pair.adapter, StringComparer.Ordinal);

    public static TheoryData<string, string> Files()
    {
        var data = new TheoryData<string, string>();
        var folders = new[]
        {
            Path.Combine(AppContext.BaseDirectory, "Parity", "Cases"),
            Environment.GetEnvironmentVariable("TRANSFERLEARNING_PARITY"),
        };
        foreach (var folder in folders.Where(folder => !string.IsNullOrEmpty(folder)).Distinct(StringComparer.Ordinal))
        {
            foreach (var file in Directory.EnumerateFiles(folder!, "*-*.json").Order(StringComparer.Ordinal))
            {
                data.Add(Path.GetFileNameWithoutExtension(file), folder!);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Adapter_OnPeersCase_GivesPeersFigures(string name, string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + ".json")));
        var root = document.RootElement;
        var function = root.GetProperty("function").GetString()!;
        if (ParityDeclined.Reasons.TryGetValue(function, out var reason))
        {
            tally.Declined(name);
            Assert.SkipWhen(true, $"{function} is declined: {reason}");
        }
        if (!Adapters.TryGetValue(function, out var adapter))
        {
            tally.NotImplemented(name);
            Assert.SkipWhen(true, $"{function} is not implemented yet.");
        }
        using var scope = NewDisposeScope();
        try
        {
            var inputs = new ParityInputs(root);
            var differences = Differences(root, inputs, adapter!.Compute(inputs)).ToList();
            Assert.True(differences.Count == 0, string.Join("\n", differences));
            tally.Passed(name);
        }
        catch
        {
            tally.Failed(name);
            throw;
        }
    }

    private static IEnumerable<string> Differences(JsonElement root, ParityInputs inputs, ParityResult result)
    {
        var tolerance = root.GetProperty("tolerance");
        var relative = tolerance.GetProperty("relative").GetDouble();
        var absolute = tolerance.GetProperty("absolute").GetDouble();
        var compared = 0;
        foreach (var expected in root.GetProperty("outputs").EnumerateObject())
        {
            if (result.NotOffered.ContainsKey(expected.Name))
            {
                continue;
            }
            if (!result.Outputs.TryGetValue(expected.Name, out var actual))
            {
                yield return $"{expected.Name}: the adapter neither computes nor declines it";
                continue;
            }
            var rule = Rule(root, expected.Name);
            var (r, a) = Stated(rule, relative, absolute);
            if (expected.Value.ValueKind == JsonValueKind.String)
            {
                yield return $"{expected.Name}: a text; decline it";
                continue;
            }
            compared++;
            var reference = ParityJson.Tensor(expected.Value);
            if (result.LeadingOnly.ContainsKey(expected.Name))
            {
                reference = reference.narrow(0, 0, Math.Min(actual.shape[0], reference.shape[0]));
            }
            if (ParityComparison.Difference(expected.Name, actual, reference, r, a, rule) is { } difference)
            {
                yield return difference;
            }
        }
        if (root.TryGetProperty("gradients", out var gradients))
        {
            foreach (var expected in gradients.EnumerateObject())
            {
                if (result.NotOffered.ContainsKey("gradient:" + expected.Name))
                {
                    continue;
                }
                compared++;
                var actual = result.Gradients.TryGetValue(expected.Name, out var given)
                    ? given
                    : Gradient(expected.Name, inputs, result);
                if (
                    ParityComparison.Difference(
                        $"gradient of {expected.Name}",
                        actual,
                        ParityJson.Tensor(expected.Value),
                        relative,
                        absolute,
                        null
                    ) is
                    { } difference
                )
                {
                    yield return difference;
                }
            }
        }
        if (compared == 0)
        {
            yield return "nothing was compared";
        }
    }

    private static Tensor Gradient(string key, ParityInputs inputs, ParityResult result)
    {
        var slash = key.LastIndexOf('/');
        var scalar = slash >= 0 ? result.Outputs[key[..slash]] : result.Differentiated ?? result.Outputs["loss"];
        var input = inputs[key[(slash + 1)..]];
        var gradient = scalar.requires_grad
            ? autograd.grad([scalar.sum()], [input], retain_graph: true, allow_unused: true)[0]
            : null;
        return gradient is null || gradient.IsInvalid ? zeros_like(input) : gradient;
    }

    private static string? Rule(JsonElement root, string output) =>
        root.TryGetProperty("comparison", out var comparison) && comparison.TryGetProperty(output, out var rule)
            ? rule.GetString()
            : null;

    // "relative 1e-7", "absolute 1e-3 (...)": tolerances that the fixture states for one output.
    private static (double Relative, double Absolute) Stated(string? rule, double relative, double absolute)
    {
        var words = rule?.Split(' ') ?? [];
        if (
            words.Length < 2
            || !double.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        )
        {
            return (relative, absolute);
        }
        return words[0] switch
        {
            "relative" => (value, absolute),
            "absolute" => (relative, value),
            _ => (relative, absolute),
        };
    }
}
