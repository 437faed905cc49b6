using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// One argument of an <see cref="Operator"/>: made by implicit conversion from whatever TorchSharp's methods take. It
/// keeps the managed object alive for the call.
/// </summary>
internal readonly struct Argument
{
    private readonly object? reference;
    private readonly long bits;
    private readonly ValueKind kind;

    private Argument(ValueKind kind, long bits, object? reference = null)
    {
        this.kind = kind;
        this.bits = bits;
        this.reference = reference;
    }

    /// <summary>Python's None: an absent optional, or the undefined tensor.</summary>
    public static Argument None => new(ValueKind.None, 0);

    /// <summary>The default value that the operator's schema gives at this place.</summary>
    public static Argument Default => new(ValueKind.Default, 0);

    public static implicit operator Argument(Tensor? value) =>
        value is null ? None : new(ValueKind.Tensor, value.Handle, value);

    public static implicit operator Argument(Tensor?[]? value) =>
        value is null ? None : new(ValueKind.Tensors, 0, value);

    public static implicit operator Argument(Scalar? value) => value is null ? None : value.ToArgument();

    public static implicit operator Argument(long value) => new(ValueKind.Integer, value);

    public static implicit operator Argument(long? value) => value is { } number ? number : None;

    public static implicit operator Argument(double value) =>
        new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(double? value) => value is { } number ? number : None;

    public static implicit operator Argument(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    public static implicit operator Argument(bool? value) => value is { } flag ? flag : None;

    public static implicit operator Argument(long[]? value) => value is null ? None : new(ValueKind.Integers, 0, value);

    public static implicit operator Argument(ReadOnlySpan<long> value) => new(ValueKind.Integers, 0, value.ToArray());

    public static implicit operator Argument(double[]? value) =>
        value is null ? None : new(ValueKind.Doubles, 0, value);

    public static implicit operator Argument(string? value) =>
        value is null ? None : new(ValueKind.Text, 0, Encoding.UTF8.GetBytes(value));

    public static implicit operator Argument(ScalarType value) => new(ValueKind.Integer, (long)value);

    public static implicit operator Argument(ScalarType? value) => value is { } type ? type : None;

    public static implicit operator Argument(Device? value) =>
        value is null ? None : new(ValueKind.Device, value.Packed);

    public static implicit operator Argument(Generator? value) =>
        value is null ? None : new(ValueKind.Generator, value.Handle, value);

    /// <summary>How many 8-byte words of scratch memory this argument's elements need for a call.</summary>
    public int ScratchWords =>
        kind switch
        {
            ValueKind.Integers => ((long[])reference!).Length,
            ValueKind.Doubles => ((double[])reference!).Length,
            ValueKind.Tensors => ((Tensor?[])reference!).Length,
            ValueKind.Text => (((byte[])reference!).Length + 7) / 8,
            _ => 0,
        };

    /// <summary>Writes the argument for the bridge, its elements into scratch memory that must not move.</summary>
    public unsafe void Write(NativeValue* value, long* scratch)
    {
        value->Kind = kind;
        value->Bits = bits;
        value->Count = 0;
        if (kind < ValueKind.Integers || kind > ValueKind.Text)
            return;
        value->Bits = (long)scratch;
        switch (kind)
        {
            case ValueKind.Integers:
                var integers = (long[])reference!;
                value->Count = integers.Length;
                integers.CopyTo(new Span<long>(scratch, integers.Length));
                break;
            case ValueKind.Doubles:
                var doubles = (double[])reference!;
                value->Count = doubles.Length;
                doubles.CopyTo(new Span<double>(scratch, doubles.Length));
                break;
            case ValueKind.Tensors:
                var tensors = (Tensor?[])reference!;
                value->Count = tensors.Length;
                for (var i = 0; i < tensors.Length; i++)
                    scratch[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
                break;
            default:
                var text = (byte[])reference!;
                value->Count = text.Length;
                text.CopyTo(new Span<byte>(scratch, text.Length));
                break;
        }
    }
}
