using System.Text.Json;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Parity;

/// <summary>Reads the fixtures' tensors.</summary>
internal static class ParityJson
{
    public static Tensor Tensor(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Number)
        {
            return tensor(element.GetDouble(), dtype: float64);
        }
        if (element.ValueKind == JsonValueKind.Array)
        {
            return tensor(element.EnumerateArray().Select(value => value.GetDouble()).ToArray(), dtype: float64);
        }
        var shape = element.GetProperty("shape").EnumerateArray().Select(value => value.GetInt64()).ToArray();
        var data = element.GetProperty("data").EnumerateArray().ToList();
        var dtype = element.TryGetProperty("dtype", out var given) ? given.GetString() : "float64";
        return dtype switch
        {
            "int64" => tensor(data.Select(value => value.GetInt64()).ToArray(), dtype: int64).reshape(shape),
            "bool" => tensor(data.Select(value => value.GetBoolean() ? 1L : 0L).ToArray(), dtype: int64).reshape(shape),
            _ => tensor(data.Select(value => value.GetDouble()).ToArray(), dtype: float64).reshape(shape),
        };
    }
}
