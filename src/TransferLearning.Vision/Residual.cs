using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>
/// A residual block of TorchVision's ResNets: its own layers, added up so that many threads may predict.
/// </summary>
/// <remarks>
/// TorchVision's block adds by <c>+=</c>, whose hidden factor becomes an object that a collection on another thread can
/// finalize while libtorch reads it: a prediction then throws. A sum in this package keeps it alive. Layers keep
/// their names, so that files fit.
/// </remarks>
internal sealed class Residual : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly List<(nn.Module<Tensor, Tensor> Convolution, nn.Module<Tensor, Tensor> Normalization)> path = [];
    private readonly nn.Module<Tensor, Tensor>? shortcut;

    private Residual(IReadOnlyDictionary<string, nn.Module<Tensor, Tensor>> layers)
        : base(nameof(Residual))
    {
        foreach (var (name, layer) in layers)
        {
            register_module(name, layer);
        }
        shortcut = layers.GetValueOrDefault("downsample");
        for (var i = 1; layers.TryGetValue($"conv{i}", out var convolution); i++)
        {
            path.Add((convolution, layers[$"bn{i}"]));
        }
    }

    /// <summary>A stage of blocks: those of ResNets are taken apart, others stay as they are.</summary>
    public static nn.Module<Tensor, Tensor> Stage(nn.Module<Tensor, Tensor> stage)
    {
        var blocks = stage.named_children().ToList();
        return blocks.Count > 0 && blocks.TrueForAll(block => IsBlock(block.module))
            ? nn.Sequential(
                blocks.Select(block =>
                    (
                        block.name,
                        (nn.Module<Tensor, Tensor>)
                            new Residual(
                                block
                                    .module.named_children()
                                    .ToDictionary(
                                        layer => layer.name,
                                        layer => (nn.Module<Tensor, Tensor>)layer.module,
                                        StringComparer.Ordinal
                                    )
                            )
                    )
                )
            )
            : stage;
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var i = 0; i < path.Count; i++)
        {
            x = path[i].Normalization.call(path[i].Convolution.call(i == 0 ? x : x.relu()));
        }
        return (x + (shortcut?.call(input) ?? input)).relu().MoveToOuterDisposeScope();
    }

    public GraphValue Write(IGraphWriter graph, GraphValue inputs)
    {
        var x = inputs;
        for (var i = 0; i < path.Count; i++)
        {
            x = i == 0 ? x : graph.WithExample(graph.Operator("Relu", [x]), graph.ExampleOf(x).relu());
            x = graph.Part(path[i].Convolution, x, $"conv{i + 1}");
            x = graph.Part(path[i].Normalization, x, $"bn{i + 1}");
        }
        var skipped = shortcut is null ? inputs : graph.Part(shortcut, inputs, "downsample");
        return graph.Operator("Relu", [graph.Operator("Add", [x, skipped])]);
    }

    private static bool IsBlock(nn.Module module) =>
        module
            .named_children()
            .Select(layer => layer.name)
            .ToHashSet(StringComparer.Ordinal)
            .IsSupersetOf(["conv1", "bn1", "conv2", "bn2"]);
}
