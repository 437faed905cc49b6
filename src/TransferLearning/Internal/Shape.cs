using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Shapes in words.</summary>
internal static class Shape
{
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    public static string Of(Tensor tensor) => $"{tensor.dtype} {Text(tensor.shape)} on {tensor.device}";
}
