using System.Text.Json;
using DigitAdaptation.Experiments;

namespace DigitAdaptation.Reporting;

/// <summary>Writes every single result as JSON: for other programs.</summary>
public static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    };

    /// <summary>
    /// Writes a list with one entry a task, method and seed: its accuracy on the target (0 to 1), the seconds that
    /// training took, the accuracy after every epoch and the confusion matrix.
    /// </summary>
    public static void Write(string path, IReadOnlyList<TaskResults> results) =>
        File.WriteAllText(path, JsonSerializer.Serialize(results.SelectMany(Rows), Options));

    private static IEnumerable<object> Rows(TaskResults results) =>
        from method in results.Methods
        from result in method.Results
        select new
        {
            Source = results.Task.SourceName,
            Target = results.Task.TargetName,
            result.Method,
            result.Seed,
            result.Accuracy,
            result.Seconds,
            results.Epochs,
            result.Curve,
            result.Confusion,
        };
}
