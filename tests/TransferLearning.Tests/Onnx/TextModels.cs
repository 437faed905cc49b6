using TransferLearning.Onnx;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Onnx;

/// <summary>Small models, as others export them.</summary>
internal static class TextModels
{
    /// <summary>
    /// As text encoders look: three inputs <c>[n, 4]</c>; hidden states <c>[n, 4, 3]</c>, a token's vector and its
    /// kind's where the mask is 1; their sum <c>[n, 3]</c>.
    /// </summary>
    public static byte[] Encoder(Tensor table, Tensor kinds)
    {
        using var scope = NewDisposeScope();
        var graph = new GraphWriter(singlePrecision: false);
        var rows = zeros([1, 4], int64);
        var tokens = graph.Input("input_ids", rows);
        var mask = graph.Input("attention_mask", rows);
        var types = graph.Input("token_type_ids", rows);
        var words = graph.Operator("Gather", [graph.Constant(table), tokens], ("axis", 0L));
        var all = graph.Operator(
            "Add",
            [words, graph.Operator("Gather", [graph.Constant(kinds), types], ("axis", 0L))]
        );
        var counted = graph.Operator("Unsqueeze", [mask, graph.Constant(tensor(new[] { 2L }))]);
        var hidden = graph.Operator("Mul", [all, graph.Operator("Cast", [counted], ("to", 1L))]);
        var sum = graph.Operator("ReduceSum", [hidden, graph.Constant(tensor(new[] { 1L }))], ("keepdims", 0L));
        graph.Output("last_hidden_state", hidden, zeros(1, 4, 3));
        graph.Output("pooler_output", sum, zeros(1, 3));
        return Bytes(graph);
    }

    /// <summary>The model as a file holds it.</summary>
    public static byte[] Bytes(GraphWriter graph)
    {
        using var memory = new MemoryStream();
        graph.ToModel([]).WriteTo(memory);
        return memory.ToArray();
    }
}
