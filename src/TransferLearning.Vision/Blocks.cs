using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>TorchVision's blocks as operators: what their passes do beside their layers is known here.</summary>
internal static class Blocks
{
    /// <summary>The result of a network's layer; blocks stand inside sequences of layers.</summary>
    public static GraphValue Write(IGraphWriter graph, nn.Module layer, GraphValue inputs, string name)
    {
        var children = layer.named_children().ToList();
        if (IsOf(layer, typeof(MobileNetV2), "InvertedResidual"))
        {
            var x = Write(graph, children[0].module, inputs, $"{name}.{children[0].name}");
            var (given, result) = (graph.ExampleOf(inputs), graph.ExampleOf(x));
            return given.shape.SequenceEqual(result.shape)
                ? graph.WithExample(graph.Operator("Add", [inputs, x]), given.add(result))
                : x;
        }
        if (IsOf(layer, typeof(GoogleNet), "Inception"))
        {
            var branches = children.ConvertAll(child => Write(graph, child.module, inputs, $"{name}.{child.name}"));
            return graph.WithExample(
                graph.Operator("Concat", branches, ("axis", 1L)),
                cat([.. branches.Select(graph.ExampleOf)], 1)
            );
        }
        return layer.GetType() == typeof(Sequential)
            ? children.Aggregate(inputs, (x, child) => Write(graph, child.module, x, $"{name}.{child.name}"))
            : graph.Part(layer, inputs, name);
    }

    private static bool IsOf(nn.Module layer, Type network, string block) =>
        layer.GetType().DeclaringType == network && layer.GetType().Name == block;
}
