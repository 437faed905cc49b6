using System.Text;
using Google.Protobuf;
using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>A message of onnx.proto3 that is being written: fields by their numbers, in order.</summary>
/// <remarks>Tensors are written from where they lie; nothing of their size is copied.</remarks>
internal sealed class OnnxMessage
{
    private readonly List<(int Field, object Value)> fields = [];

    public OnnxMessage With(int field, object value)
    {
        fields.Add((field, value));
        return this;
    }

    public OnnxMessage WithAll(int field, IEnumerable<object> values)
    {
        foreach (var value in values)
        {
            fields.Add((field, value));
        }
        return this;
    }

    /// <summary>How many bytes the message takes.</summary>
    public long Size() => fields.Sum(SizeOf);

    public void WriteTo(Stream stream)
    {
        // Flushed before raw bytes go to the stream beside it.
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        WriteTo(output, stream);
    }

    private void WriteTo(CodedOutputStream output, Stream stream)
    {
        foreach (var (field, value) in fields)
        {
            output.WriteTag(field, WireTypeOf(value));
            switch (value)
            {
                case long number:
                    output.WriteInt64(number);
                    break;
                case float number:
                    output.WriteFloat(number);
                    break;
                case string text:
                    output.WriteString(text);
                    break;
                case Tensor tensor:
                    output.WriteLength(checked((int)Bytes(tensor)));
                    output.Flush();
                    stream.Write(tensor.bytes);
                    break;
                default:
                    var inner = (OnnxMessage)value;
                    output.WriteLength(checked((int)inner.Size()));
                    inner.WriteTo(output, stream);
                    break;
            }
        }
    }

    private static WireFormat.WireType WireTypeOf(object value) =>
        value switch
        {
            long => WireFormat.WireType.Varint,
            float => WireFormat.WireType.Fixed32,
            _ => WireFormat.WireType.LengthDelimited,
        };

    private static long SizeOf((int Field, object Value) entry)
    {
        var tag = CodedOutputStream.ComputeTagSize(entry.Field);
        return tag
            + entry.Value switch
            {
                long number => CodedOutputStream.ComputeInt64Size(number),
                float => sizeof(float),
                string text => WithLength(Encoding.UTF8.GetByteCount(text)),
                Tensor tensor => WithLength(Bytes(tensor)),
                _ => WithLength(((OnnxMessage)entry.Value).Size()),
            };
    }

    private static long WithLength(long bytes) => bytes + CodedOutputStream.ComputeUInt64Size((ulong)bytes);

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.ElementSize;
}
