using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>TorchSharp's stream format of a tensor: type, rank and sizes in ULEB128, then the elements' bytes.</summary>
internal static class TensorFormat
{
    private const int ChunkBytes = 1 << 20;

    public static void Write(Tensor tensor, BinaryWriter writer)
    {
        if (!tensor.is_contiguous())
            throw new InvalidOperationException(
                "A tensor is saved as it lies in memory, and this one is not contiguous: call contiguous() first."
            );
        using var copy = tensor.is_cpu() ? null : tensor.cpu();
        var source = copy ?? tensor;
        Leb128.Write(writer, (long)source.dtype);
        var shape = source.shape;
        Leb128.Write(writer, shape.Length);
        foreach (var size in shape)
            Leb128.Write(writer, size);
        writer.Flush();
        foreach (var (start, length) in Chunks(source))
            writer.BaseStream.Write(Memory(source, start, length));
    }

    public static Tensor? Read(BinaryReader reader, bool skip)
    {
        var (type, shape) = ReadHeader(reader);
        if (skip)
        {
            Skip(reader, shape.TotalSize() * type.ElementSize());
            return null;
        }
        var tensor = torch.empty(shape, dtype: type, device: CPU);
        ReadElements(tensor, reader);
        return tensor;
    }

    public static void ReadInto(Tensor tensor, BinaryReader reader, bool skip)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != tensor.dtype)
            throw new ArgumentException(
                $"The file holds a tensor of type {type}, the one to load into is {tensor.dtype}."
            );
        if (skip)
        {
            Skip(reader, shape.TotalSize() * type.ElementSize());
            return;
        }
        if (!shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException(
                $"The file holds a tensor of shape [{string.Join(", ", shape)}], the one to load into has [{string.Join(", ", tensor.shape)}]."
            );
        using var recording = torch.no_grad();
        if (tensor.is_cpu() && tensor.is_contiguous())
            ReadElements(tensor, reader);
        else
        {
            using var staging = torch.empty(shape, dtype: type, device: CPU);
            ReadElements(staging, reader);
            tensor.copy_(staging);
        }
    }

    private static (ScalarType Type, long[] Shape) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)Leb128.Read(reader);
        var shape = new long[Leb128.Read(reader)];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = Leb128.Read(reader);
        return (type, shape);
    }

    private static void ReadElements(Tensor tensor, BinaryReader reader)
    {
        foreach (var (start, length) in Chunks(tensor))
            reader.BaseStream.ReadExactly(Memory(tensor, start, length));
    }

    private static void Skip(BinaryReader reader, long bytes)
    {
        if (reader.BaseStream.CanSeek)
        {
            reader.BaseStream.Seek(bytes, SeekOrigin.Current);
            return;
        }
        var buffer = new byte[(int)Math.Min(bytes, ChunkBytes)];
        for (; bytes > 0; bytes -= buffer.Length)
            reader.BaseStream.ReadExactly(buffer.AsSpan(0, (int)Math.Min(bytes, buffer.Length)));
    }

    private static IEnumerable<(long Start, int Length)> Chunks(Tensor tensor)
    {
        var bytes = tensor.NumberOfElements * tensor.ElementSize;
        for (var start = 0L; start < bytes; start += ChunkBytes)
            yield return (start, (int)Math.Min(ChunkBytes, bytes - start));
    }

    private static unsafe Span<byte> Memory(Tensor tensor, long start, int length) =>
        new((byte*)tensor.DataPointer() + start, length);
}
