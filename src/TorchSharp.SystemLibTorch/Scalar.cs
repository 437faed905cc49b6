namespace TorchSharp;

/// <summary>A number that a tensor operation takes, with the type that libtorch sees: Boolean, integer or real.</summary>
public sealed class Scalar : IDisposable
{
    private readonly long bits;

    private Scalar(torch.ScalarType type, long bits)
    {
        Type = type;
        this.bits = bits;
    }

    public torch.ScalarType Type { get; }

    public static implicit operator Scalar(byte value) => (long)value;

    public static implicit operator Scalar(sbyte value) => (long)value;

    public static implicit operator Scalar(short value) => (long)value;

    public static implicit operator Scalar(int value) => (long)value;

    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, value);

    public static implicit operator Scalar(Half value) => (double)value;

    public static implicit operator Scalar(float value) => (double)value;

    public static implicit operator Scalar(double value) =>
        new(torch.ScalarType.Float64, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, value ? 1 : 0);

    /// <summary>Does nothing: the number lies in the managed object. Present because TorchSharp's is disposable.</summary>
    public void Dispose() { }

    internal bool IsReal => Type == torch.ScalarType.Float64;

    internal double AsDouble() => IsReal ? BitConverter.Int64BitsToDouble(bits) : bits;

    internal long AsInteger() => IsReal ? (long)BitConverter.Int64BitsToDouble(bits) : bits;

    internal bool AsBoolean() => IsReal ? AsDouble() != 0 : bits != 0;

    internal Argument ToArgument() =>
        Type switch
        {
            torch.ScalarType.Float64 => BitConverter.Int64BitsToDouble(bits),
            torch.ScalarType.Bool => bits != 0,
            _ => bits,
        };
}
