using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What a <see cref="NativeValue"/> holds. Kept in step with bridge.cpp.</summary>
internal enum ValueKind
{
    None,
    Default,
    Tensor,
    Integer,
    Double,
    Bool,
    Integers,
    Doubles,
    Tensors,
    Text,
    Device,
    Generator,
}

/// <summary>One argument or result of an operator as the bridge sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public ValueKind Kind;

    /// <summary>Elements of a list, bytes of a text.</summary>
    public int Count;

    /// <summary>A number, the bits of a double, or a pointer.</summary>
    public long Bits;
}
