using Google.Protobuf;

namespace TransferLearning.Onnx;

/// <summary>
/// Finds out whether a model would read files beside it: weights that lie elsewhere. From a stranger's model that would
/// be any file.
/// </summary>
/// <remarks>
/// The field numbers are those of onnx.proto3: only messages that may hold tensors are looked into, and nothing is
/// copied.
/// </remarks>
internal static class ExternalWeights
{
    private const int MaxDepth = 64;

    private enum Kind
    {
        Model,
        Graph,
        Node,
        Attribute,
        Function,
        SparseTensor,
        Tensor,
    }

    /// <summary>Refuses a model that names such files, and one that is no message at all.</summary>
    /// <exception cref="InvalidDataException">It is one of them.</exception>
    public static void Refuse(byte[] model, string name)
    {
        bool isExternal;
        try
        {
            isExternal = model.Length > 0 && Has(model, 0, model.Length, Kind.Model, 0);
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw new InvalidDataException($"{name} is no ONNX model: {fault.Message}", fault);
        }
        if (isExternal)
        {
            throw new InvalidDataException(
                $"{name} keeps weights in files beside it, which are not read: store the model with its weights inside."
            );
        }
    }

    private static bool Has(byte[] bytes, int start, int end, Kind kind, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"an ONNX model has {MaxDepth} levels of messages at most.");
        }
        using var input = new CodedInputStream(bytes, start, end - start);
        while (input.ReadTag() is var tag and not 0)
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            var place = (int)input.Position;
            input.SkipLastField();
            var after = (int)input.Position;
            var isMessage = WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited;
            if (kind == Kind.Tensor && field == 14 && !isMessage)
            {
                using var location = new CodedInputStream(bytes, place, after - place);
                if (location.ReadInt64() != 0)
                {
                    return true;
                }
            }
            if (isMessage && Inner(kind, field) is { } inner)
            {
                using var length = new CodedInputStream(bytes, place, after - place);
                _ = length.ReadLength();
                if (Has(bytes, (int)length.Position, after, inner, depth + 1))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private static Kind? Inner(Kind kind, int field) =>
        (kind, field) switch
        {
            (Kind.Model, 7) => Kind.Graph,
            (Kind.Model, 25) => Kind.Function,
            (Kind.Graph, 1) or (Kind.Function, 7) => Kind.Node,
            (Kind.Graph, 5) => Kind.Tensor,
            (Kind.Graph, 15) => Kind.SparseTensor,
            (Kind.Node, 5) or (Kind.Function, 11) => Kind.Attribute,
            (Kind.Attribute, 5 or 10) => Kind.Tensor,
            (Kind.Attribute, 6 or 11) => Kind.Graph,
            (Kind.Attribute, 22 or 23) => Kind.SparseTensor,
            (Kind.SparseTensor, 1 or 2) => Kind.Tensor,
            _ => null,
        };
}
