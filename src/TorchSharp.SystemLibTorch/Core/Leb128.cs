namespace TorchSharp;

/// <summary>Non-negative numbers, seven bits a byte, lowest first: as TorchSharp's files hold them.</summary>
internal static class Leb128
{
    public static void Write(BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        writer.Write7BitEncodedInt64(value);
    }

    public static long Read(BinaryReader reader) => reader.Read7BitEncodedInt64();
}
