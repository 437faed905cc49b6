using System.Security.Cryptography;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// The file format of state bags: the eight bytes <c>TLSTATE1</c>, the entry count, the entries by name, and the
/// SHA-256 of all that came before. A file that is cut off, damaged or foreign is known by its hash before any of it is
/// used.
/// </summary>
internal static class StateFile
{
    /// <summary>The end of the name under which a file is written, before it gets its own.</summary>
    public const string Unfinished = ".writing";

    private const int HashLength = 32;
    private const long NumbersAtOnce = 1 << 26;

    private enum Kind : byte
    {
        Tensor = 1,
        Long = 2,
        Double = 3,
        Text = 4,
    }

    private static ReadOnlySpan<byte> Magic => "TLSTATE1"u8;

    /// <summary>A contiguous copy on the CPU that belongs to no scope.</summary>
    public static Tensor Copy(Tensor live)
    {
        using var scope = NewDisposeScope();
        return live.detach().to(CPU).contiguous().clone().DetachFromDisposeScope();
    }

    /// <summary>
    /// Writes a file whole or not at all: what stands under its name gives way only to a complete one.
    /// </summary>
    /// <exception cref="IOException">It could not be written, for want of room for instance.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, object> entries)
    {
        var full = Path.GetFullPath(path);
        var temporary = full + Unfinished;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            WriteAll(temporary, entries);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            throw new IOException(
                $"'{full}' could not be written: {fault.Message} Whatever stood under that name, and every other file, "
                    + "is as it was. See whether the folder may be written and its disk has room.",
                fault
            );
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    private static void WriteAll(string path, IReadOnlyDictionary<string, object> entries)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        using var sha = SHA256.Create();
        using (var hashing = new CryptoStream(file, sha, CryptoStreamMode.Write, leaveOpen: true))
        using (var writer = new BinaryWriter(hashing))
        {
            writer.Write(Magic);
            writer.Write(entries.Count);
            foreach (var (name, value) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                writer.Write(name);
                WriteValue(writer, value);
            }
        }
        file.Write(sha.Hash!);
        file.Flush(flushToDisk: true);
    }

    // A half of a file takes the room that whoever reads the error is short of.
    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next write under its name takes its place.
        }
    }

    public static Dictionary<string, object> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        Verify(file, path);
        using var reader = new BinaryReader(file);
        file.Position = Magic.Length;
        var count = reader.ReadInt32();
        var entries = new Dictionary<string, object>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.ReadString();
            entries.Add(name, ReadValue(reader));
        }
        return entries;
    }

    private static void Verify(FileStream file, string path)
    {
        Span<byte> head = stackalloc byte[8];
        if (file.Length < Magic.Length + HashLength || file.Read(head) != head.Length || !head.SequenceEqual(Magic))
        {
            throw new InvalidDataException(
                $"'{path}' is not a state file of this library (or of another version of it)."
            );
        }
        file.Position = 0;
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (var left = file.Length - HashLength; left > 0; )
        {
            var read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            sha.AppendData(buffer, 0, read);
            left -= read;
        }
        Span<byte> stored = stackalloc byte[HashLength];
        file.ReadExactly(stored);
        if (!stored.SequenceEqual(sha.GetHashAndReset()))
        {
            throw new InvalidDataException(
                $"'{path}' is damaged or cut off: its checksum does not match its contents."
            );
        }
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case Tensor tensor:
                writer.Write((byte)Kind.Tensor);
                writer.Write((sbyte)tensor.dtype);
                writer.Write(tensor.shape.Length);
                foreach (var size in tensor.shape)
                {
                    writer.Write(size);
                }
                Write(writer, tensor);
                break;
            case long number:
                writer.Write((byte)Kind.Long);
                writer.Write(number);
                break;
            case double number:
                writer.Write((byte)Kind.Double);
                writer.Write(number);
                break;
            case string text:
                writer.Write((byte)Kind.Text);
                writer.Write(text);
                break;
            default:
                throw new NotSupportedException($"A state file cannot hold a {value.GetType().Name}.");
        }
    }

    // In runs, because a span holds 2 GiB at most.
    private static void Write(BinaryWriter writer, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        foreach (var run in Runs(tensor))
        {
            writer.Write(run.bytes);
        }
    }

    private static IEnumerable<Tensor> Runs(Tensor tensor)
    {
        var flat = tensor.reshape(-1);
        for (long start = 0; start < flat.shape[0]; start += NumbersAtOnce)
        {
            yield return flat.narrow(0, start, Math.Min(NumbersAtOnce, flat.shape[0] - start));
        }
    }

    private static object ReadValue(BinaryReader reader) =>
        (Kind)reader.ReadByte() switch
        {
            Kind.Tensor => ReadTensor(reader),
            Kind.Long => reader.ReadInt64(),
            Kind.Double => reader.ReadDouble(),
            Kind.Text => reader.ReadString(),
            var kind => throw new InvalidDataException($"Unknown entry kind {kind}: the file is of another version."),
        };

    private static Tensor ReadTensor(BinaryReader reader)
    {
        var dtype = (ScalarType)reader.ReadSByte();
        var shape = new long[reader.ReadInt32()];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.ReadInt64();
        }
        var tensor = empty(shape, dtype: dtype).DetachFromDisposeScope();
        using var scope = NewDisposeScope();
        foreach (var run in Runs(tensor))
        {
            reader.BaseStream.ReadExactly(run.bytes);
        }
        return tensor;
    }
}
