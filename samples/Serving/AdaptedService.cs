using TransferLearning;
using static TorchSharp.torch;

namespace Serving;

/// <summary>What a server keeps: the model, and the rows that it was adapted to.</summary>
/// <param name="Model">The model.</param>
/// <param name="Target">The target's rows <c>[n, d]</c>.</param>
/// <param name="Features">The names of the d features.</param>
internal sealed record AdaptedService(AdaptedModel Model, Tensor Target, IReadOnlyList<string> Features) : IDisposable
{
    /// <summary>The most rows of a request.</summary>
    public const int MaxRows = 1024;

    /// <summary>What is wrong with some rows, or null.</summary>
    public string? Fault(float[][]? rows)
    {
        var width = Features.Count;
        if (rows is null || rows.Length is 0 or > MaxRows)
        {
            return $"'values' must hold 1 to {MaxRows} rows.";
        }
        var wrong = Array.FindIndex(rows, row => row is null || row.Length != width || !row.All(float.IsFinite));
        return wrong < 0 ? null : $"row {wrong} must hold {width} finite numbers.";
    }

    public void Dispose()
    {
        Model.Dispose();
        Target.Dispose();
    }
}

/// <summary>The body of a request: some rows, all of one width.</summary>
/// <param name="Values">The rows.</param>
internal sealed record Rows(float[][] Values);

/// <summary>The body of an answer.</summary>
/// <param name="Classes">The most likely class of each row.</param>
/// <param name="Probabilities">The probabilities of each row's classes.</param>
internal sealed record Answer(long[] Classes, double[][] Probabilities)
{
    /// <summary>The answer for some of the rows, from numbers that lie row after row.</summary>
    public static Answer Of(ReadOnlySpan<long> classes, ReadOnlySpan<double> probabilities, int first, int count)
    {
        var width = probabilities.Length / classes.Length;
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
        {
            rows[i] = probabilities.Slice((first + i) * width, width).ToArray();
        }
        return new Answer(classes.Slice(first, count).ToArray(), rows);
    }
}
