using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Which element types of .NET stand for which of libtorch.</summary>
internal static class ElementTypes
{
    public static ScalarType Of(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(bool) ? ScalarType.Bool
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(sbyte) ? ScalarType.Int8
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(Half) ? ScalarType.Float16
        : throw new NotSupportedException($"Tensors do not hold elements of type {type.Name}.");

    public static void Check<T>(ScalarType stored)
    {
        if (stored != Of(typeof(T)))
            throw new ArgumentException($"{typeof(T).Name} is not compatible with {stored}");
    }
}
