using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>
/// The ResNet-18 trained on ImageNet that the NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT) carries.
/// </summary>
/// <remarks>
/// Its two graphs take pixels from 0 to 255, put them into the order blue, green, red and subtract a mean image. Here
/// the first convolution's channels are turned instead, and the mean image becomes the normalization of pixels from 0
/// to 1. The network is TorchVision's ResNet-18 with a third block in its last stage: 22 convolutions where that has
/// 20. Its paddings differ from TorchVision's only by rows and columns that no window of stride 2 reaches.
/// </remarks>
internal static class MlNetResNet18
{
    public const string Package = "Microsoft.ML.DnnImageFeaturizer.ResNet18";
    private static readonly string[] Place = ["DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"];
    private static readonly string[] PlaceOfMean = ["DnnImageModels", "ResNetPrepOnnx", "ResNetPreprocess.onnx"];

    /// <summary>The files that the package copies beside a program.</summary>
    public static (string Network, string Preparation) Find(string? folder)
    {
        folder ??= AppContext.BaseDirectory;
        var (network, preparation) = (Path.Combine([folder, .. Place]), Path.Combine([folder, .. PlaceOfMean]));
        return File.Exists(network) && File.Exists(preparation)
            ? (network, preparation)
            : throw new FileNotFoundException(
                $"There is no '{network}' with '{preparation}': reference the package {Package} 0.23.1 in the program "
                    + $"itself (dotnet add package {Package}), which copies them beside it.",
                network
            );
    }

    /// <summary>The mean image <c>[3, 224, 224]</c> in the order red, green, blue, of pixels from 0 to 1.</summary>
    public static Tensor Mean(string preparation)
    {
        var numbers = OnnxGraph.Read(preparation).Initializers.Values.Single();
        using var scope = NewDisposeScope();
        return (tensor(numbers.Data, numbers.Shape).squeeze(0).flip(0) / 255).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The layers: TorchVision's, and a third block in the last stage.</summary>
    public static List<(string Name, nn.Module<Tensor, Tensor> Layer)> Layers()
    {
        var layers = Layer.Of(torchvision.models.resnet18());
        var other = Layer.Of(torchvision.models.resnet18());
        var last = layers.FindIndex(layer => layer.Name == "layer4");
        // The second block of a stage keeps width and size, as the third one does.
        var blocks = Children(layers[last].Layer).Append(("2", Children(other[last].Layer)[1].Block));
        layers[last] = ("layer4", nn.Sequential(blocks));
        foreach (var (_, layer) in other.Where(layer => layer.Name != "layer4"))
        {
            layer.Dispose();
        }
        Children(other[last].Layer)[0].Block.Dispose();
        return layers;

        static List<(string, nn.Module<Tensor, Tensor> Block)> Children(nn.Module<Tensor, Tensor> stage) =>
            [.. stage.named_children().Select(child => (child.name, (nn.Module<Tensor, Tensor>)child.module))];
    }

    /// <summary>The parameters by TorchVision's names; the tensors belong to the present scope.</summary>
    public static Dictionary<string, Tensor> Read(string path)
    {
        var graph = OnnxGraph.Read(path);
        var convolutions = graph.Nodes.Where(node => node.Kind == "Conv").ToList();
        var normalizations = graph.Nodes.Where(node => node.Kind == "BatchNormalization").ToList();
        if (convolutions.Count != Names.Count || normalizations.Count != Names.Count)
        {
            throw new InvalidDataException(
                $"'{path}' has {convolutions.Count} convolutions and {normalizations.Count} batch normalizations, but "
                    + $"that of {Package} 0.23.1 has {Names.Count} of each."
            );
        }
        var read = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var i = 0; i < Names.Count; i++)
        {
            var (convolution, normalization) = Names[i];
            var weight = Of(convolutions[i].Inputs[1]);
            read[convolution + ".weight"] = i == 0 ? weight.flip(1) : weight;
            string[] parts = ["weight", "bias", "running_mean", "running_var"];
            foreach (var (part, name) in parts.Zip(normalizations[i].Inputs.Skip(1)))
            {
                read[$"{normalization}.{part}"] = Of(name);
            }
        }
        return read;

        Tensor Of(string name) =>
            graph.Initializers.TryGetValue(name, out var numbers)
                ? tensor(numbers.Data, numbers.Shape)
                : throw new InvalidDataException($"'{path}' holds no numbers of '{name}'.");
    }

    // In the graph's order: where a block has a shortcut of its own, that stands before the block's convolutions.
    private static List<(string Convolution, string Normalization)> Names { get; } =
    [
        ("conv1", "bn1"),
        .. from stage in Enumerable.Range(1, 4)
        from block in Enumerable.Range(0, stage < 4 ? 2 : 3)
        from layer in OfBlock($"layer{stage}.{block}", hasShortcut: stage > 1 && block == 0)
        select layer,
    ];

    private static IEnumerable<(string, string)> OfBlock(string block, bool hasShortcut)
    {
        if (hasShortcut)
        {
            yield return ($"{block}.downsample.0", $"{block}.downsample.1");
        }
        yield return ($"{block}.conv1", $"{block}.bn1");
        yield return ($"{block}.conv2", $"{block}.bn2");
    }
}
