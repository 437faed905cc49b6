using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>The layers of networks, in the order in which their forward pass uses them.</summary>
internal static class Layer
{
    /// <summary>The layers of one of TorchVision's networks; what its pass does without a layer gets one.</summary>
    public static List<(string Name, nn.Module<Tensor, Tensor> Layer)> Of(nn.Module<Tensor, Tensor> network)
    {
        var children = network
            .named_children()
            // A second classifier, which only training from random values needs.
            .Where(child => child.name != "AuxLogits")
            .ToDictionary(
                child => child.name,
                child => (nn.Module<Tensor, Tensor>)child.module,
                StringComparer.Ordinal
            );
        string[] order = network is MobileNetV2 or MobileNetV3
            ? ["features", "avgpool", "flatten", "classifier"]
            : [.. children.Keys];
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        foreach (var name in order)
        {
            layers.Add((name, children.TryGetValue(name, out var child) ? Residual.Stage(child) : Without(name)));
            if (name == "avgpool" && !children.ContainsKey("flatten") && !order.Contains("flatten"))
            {
                layers.Add(("flatten", nn.Flatten()));
            }
        }
        return layers;

        static nn.Module<Tensor, Tensor> Without(string name) =>
            name == "flatten" ? nn.Flatten() : nn.AdaptiveAvgPool2d(1);
    }

    /// <summary>The layers up to a named one; the others are disposed.</summary>
    public static List<(string Name, nn.Module<Tensor, Tensor> Layer)> Until(
        IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Layer)> layers,
        string until
    )
    {
        var dot = until.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? until : until[..dot];
        var last = layers.ToList().FindIndex(layer => layer.Name == name);
        if (last < 0 || (dot >= 0 && layers[last].Layer is not Sequential))
        {
            throw Unknown(layers, until);
        }
        var kept = layers.Take(last + 1).ToList();
        if (dot >= 0)
        {
            var inner = layers[last]
                .Layer.named_children()
                .Select(child => (child.name, (nn.Module<Tensor, Tensor>)child.module))
                .ToList();
            kept[last] = inner.Exists(child => child.name == until[(dot + 1)..])
                ? (name, nn.Sequential(Until(inner, until[(dot + 1)..])))
                : throw Unknown(layers, until);
        }
        foreach (var (_, layer) in layers.Skip(last + 1))
        {
            layer.Dispose();
        }
        return kept;
    }

    private static ArgumentException Unknown(
        IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Layer)> layers,
        string until
    )
    {
        var names = layers.SelectMany(layer =>
            layer.Layer is Sequential sequential
                ? sequential.named_children().Select(child => $"{layer.Name}.{child.name}").Prepend(layer.Name)
                : [layer.Name]
        );
        return new ArgumentException(
            $"there is no layer '{until}'; the network has {string.Join(", ", names)}.",
            nameof(until)
        );
    }
}
