using System.Runtime.InteropServices;
using Google.Protobuf;

namespace TransferLearning.Vision;

/// <summary>What is read of an ONNX graph: its operators in order, and the numbers stored with it.</summary>
/// <remarks>
/// The field numbers are those of onnx.proto3: a model's graph is 7; a graph's nodes are 1, its initializers 5; a
/// node's inputs 1 and operator 4; a tensor's dims 1, data type 2, float data 4, name 8, raw data 9.
/// </remarks>
internal sealed record OnnxGraph(
    IReadOnlyList<OnnxGraph.Node> Nodes,
    IReadOnlyDictionary<string, OnnxGraph.Numbers> Initializers
)
{
    private const int Float = 1;

    public static OnnxGraph Read(string path)
    {
        var nodes = new List<Node>();
        var numbers = new Dictionary<string, Numbers>(StringComparer.Ordinal);
        using var file = File.OpenRead(path);
        using var model = new CodedInputStream(file);
        foreach (var graph in Messages(model, 7))
        {
            while (graph.ReadTag() is var tag and not 0)
            {
                switch (WireFormat.GetTagFieldNumber(tag))
                {
                    case 1:
                        nodes.Add(NodeOf(graph.ReadBytes().CreateCodedInput()));
                        break;
                    case 5:
                        var (name, values) = NumbersOf(graph.ReadBytes().CreateCodedInput());
                        numbers[name] = values;
                        break;
                    default:
                        graph.SkipLastField();
                        break;
                }
            }
        }
        return new OnnxGraph(nodes, numbers);
    }

    private static IEnumerable<CodedInputStream> Messages(CodedInputStream input, int field)
    {
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field)
            {
                yield return input.ReadBytes().CreateCodedInput();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private static Node NodeOf(CodedInputStream input)
    {
        var inputs = new List<string>();
        var kind = "";
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    inputs.Add(input.ReadString());
                    break;
                case 4:
                    kind = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return new Node(kind, inputs);
    }

    private static (string Name, Numbers Values) NumbersOf(CodedInputStream input)
    {
        var shape = new List<long>();
        var data = new List<float>();
        var (name, type) = ("", 0);
        while (input.ReadTag() is var tag and not 0)
        {
            var isPacked = WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited;
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1 when isPacked:
                    var dims = input.ReadBytes().CreateCodedInput();
                    while (!dims.IsAtEnd)
                    {
                        shape.Add(dims.ReadInt64());
                    }
                    break;
                case 1:
                    shape.Add(input.ReadInt64());
                    break;
                case 2:
                    type = input.ReadInt32();
                    break;
                case 4 when !isPacked:
                    data.Add(input.ReadFloat());
                    break;
                case 4 or 9:
                    data.AddRange(MemoryMarshal.Cast<byte, float>(input.ReadBytes().Span));
                    break;
                case 8:
                    name = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        if (type != Float)
        {
            throw new InvalidDataException($"the stored tensor '{name}' is of ONNX's type {type}; float is read (1).");
        }
        return (name, new Numbers([.. shape], [.. data]));
    }

    internal sealed record Node(string Kind, IReadOnlyList<string> Inputs);

    internal sealed record Numbers(long[] Shape, float[] Data);
}
