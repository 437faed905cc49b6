using Microsoft.ML.OnnxRuntime.Tensors;
using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>ONNX's element types and TorchSharp's, which have the same layout in memory.</summary>
internal static class ElementTypes
{
    private static readonly Dictionary<TensorElementType, ScalarType> Known = new()
    {
        [TensorElementType.Float] = ScalarType.Float32,
        [TensorElementType.Double] = ScalarType.Float64,
        [TensorElementType.Float16] = ScalarType.Float16,
        [TensorElementType.BFloat16] = ScalarType.BFloat16,
        [TensorElementType.Int64] = ScalarType.Int64,
        [TensorElementType.Int32] = ScalarType.Int32,
        [TensorElementType.Int16] = ScalarType.Int16,
        [TensorElementType.Int8] = ScalarType.Int8,
        [TensorElementType.UInt8] = ScalarType.Byte,
        [TensorElementType.Bool] = ScalarType.Bool,
    };

    /// <summary>TorchSharp's type, or null where it has none: texts for instance.</summary>
    public static ScalarType? Of(TensorElementType type) => Known.TryGetValue(type, out var dtype) ? dtype : null;

    /// <summary>ONNX's type, or null where it has none.</summary>
    public static TensorElementType? Of(ScalarType dtype) =>
        Known.Where(pair => pair.Value == dtype).Select(pair => (TensorElementType?)pair.Key).FirstOrDefault();
}
