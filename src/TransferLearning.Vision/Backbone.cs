using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>
/// A network for images, cut at a layer, as a feature extractor: pixels <c>[n, 3, h, w]</c> from 0 to 1, in the order
/// red, green, blue, become features <c>[n, d]</c>. LeNet takes gray images <c>[n, 1, h, w]</c>.
/// </summary>
/// <remarks>
/// <para>
/// The network's normalization of pixels is part of it. Where the last layer's output has places, features are their
/// mean over all places. Parameters have the names of TorchVision's networks, <c>layer1.0.conv1.weight</c> for
/// instance, so that plans can name them (<c>FreezingPlan.None.Freeze("layer1.")</c>), and its layers are direct
/// children, so that plans can count them.
/// </para>
/// <para>
/// It is a module as any other: the caller disposes it, and models that were fitted on it use it until then. A loaded
/// model needs one that was made in the same way. It starts in training mode with random parameters;
/// <see cref="LoadWeights(string)"/> gives it trained ones and puts it into evaluation mode.
/// </para>
/// </remarks>
public sealed class Backbone : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly List<(string Name, nn.Module<Tensor, Tensor> Layer)> layers;

    internal Backbone(
        string name,
        IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Layer)> layers,
        Tensor mean,
        Tensor deviation,
        long inputSize
    )
        : base(name)
    {
        (this.layers, InputSize) = ([.. layers], inputSize);
        register_buffer("normalization_mean", mean);
        register_buffer("normalization_deviation", deviation);
        foreach (var (child, layer) in layers)
        {
            register_module(child, layer);
        }
    }

    /// <summary>
    /// The height and width that the network was made for. Others work where all its layers are convolutions.
    /// </summary>
    public long InputSize { get; }

    /// <summary>The names of the layers, in order; the last one's output makes the features.</summary>
    public IReadOnlyList<string> Layers => [.. layers.Select(layer => layer.Name)];

    // Asked for each time: a move to another device or dtype puts other tensors in their place.
    private Tensor Mean => get_buffer("normalization_mean")!;

    private Tensor Deviation => get_buffer("normalization_deviation")!;

    /// <summary>The features' width d. It is found by a pass of one image.</summary>
    public long Width
    {
        get
        {
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            // Outer modules first, because a mode reaches inside: layers that their owner put to rest stay at rest.
            var modes = modules().Prepend(this).Select(module => (Module: module, module.training)).ToList();
            eval();
            try
            {
                var mean = Mean;
                return call(zeros(1, mean.shape[0], InputSize, InputSize, mean.dtype, mean.device)).shape[1];
            }
            finally
            {
                modes.ForEach(mode => mode.Module.train(mode.training));
            }
        }
    }

    /// <summary>Gives the network trained parameters and puts it into evaluation mode.</summary>
    /// <param name="path">
    /// A file of PyTorch (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>) with a state dictionary, of safetensors
    /// (<c>.safetensors</c>), or what a module's <c>save(path)</c> of TorchSharp has written (<c>.dat</c>,
    /// <c>.weights</c>). A PyTorch file is a pickle; only dictionaries, lists, numbers, texts and tensors are read from
    /// it.
    /// </param>
    /// <returns>This network.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file's ending is another one, it lacks a parameter of a layer that is kept, or one has another shape. The
    /// network is as it was then. Parameters of layers behind the cut are left alone.
    /// </exception>
    public Backbone LoadWeights(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var scope = NewDisposeScope();
        Copy(WeightFile.Read(path), $"'{path}'");
        return this;
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        var mean = Mean;
        if (input.dim() != 4 || input.shape[1] != mean.shape[0])
        {
            throw new ArgumentException(
                $"images must be [n, {mean.shape[0]}, height, width] with values from 0 to 1; got "
                    + $"[{string.Join(", ", input.shape)}].",
                nameof(input)
            );
        }
        if (mean.shape[^1] != 1 && (input.shape[2] != InputSize || input.shape[3] != InputSize))
        {
            throw new ArgumentException(
                $"{GetName()} was trained with a mean image of {InputSize}x{InputSize} and takes no other size; got "
                    + $"{input.shape[2]}x{input.shape[3]}. Set ImageFolderOptions.Size to {InputSize}.",
                nameof(input)
            );
        }
        if (!input.is_floating_point())
        {
            throw new ArgumentException(
                $"images must be of a floating dtype, with values from 0 to 1; got {input.dtype}: divide bytes by 255.",
                nameof(input)
            );
        }
        using var scope = NewDisposeScope();
        var pixels = input.sub(mean).div(Deviation);
        if (pixels.dtype != mean.dtype)
        {
            throw new ArgumentException(
                $"images must be {mean.dtype} as the parameters of {GetName()}, or less precise; got {input.dtype}.",
                nameof(input)
            );
        }
        // With the channels innermost in memory, which libtorch knows by the strides, convolutions take half to three
        // quarters of the time.
        var x = Through(pixels.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        return (x.dim() > 2 ? x.flatten(2).mean([2]) : x).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var (mean, deviation) = (Mean, Deviation);
        var centered = graph.Operator("Sub", [inputs, graph.Constant(mean)]);
        var x = graph.WithExample(
            graph.Operator("Div", [centered, graph.Constant(deviation)]),
            graph.ExampleOf(inputs).sub(mean).div(deviation)
        );
        foreach (var (name, layer) in layers)
        {
            x = Blocks.Write(graph, layer, x, name);
        }
        return graph.ExampleOf(x).dim() > 2
            ? graph.Operator("Flatten", [graph.Operator("GlobalAveragePool", [x])], ("axis", 1L))
            : x;
    }

    /// <summary>Copies trained values, all of them or none.</summary>
    internal void Copy(IReadOnlyDictionary<string, Tensor> trained, string source)
    {
        var own = state_dict()
            .Where(entry => !entry.Key.StartsWith("normalization_", StringComparison.Ordinal))
            .ToList();
        // Files from before PyTorch 0.4 do not count batches, and nothing reads the count.
        var missing = own.Where(entry => !trained.ContainsKey(entry.Key))
            .Select(entry => entry.Key)
            .Where(key => !key.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
            .ToList();
        if (missing.Count > 0)
        {
            throw new InvalidDataException(
                $"{source} lacks {missing.Count} of the {own.Count} values of {GetName()}: {Some(missing)}; it holds "
                    + $"{Some([.. trained.Keys.Order(StringComparer.Ordinal)])}. Is it of another architecture?"
            );
        }
        var given = own.Where(entry => trained.ContainsKey(entry.Key)).ToList();
        foreach (var (key, value) in given)
        {
            if (!trained[key].shape.SequenceEqual(value.shape))
            {
                throw new InvalidDataException(
                    $"{source}: '{key}' is [{string.Join(", ", trained[key].shape)}], that of {GetName()} "
                        + $"[{string.Join(", ", value.shape)}]. Is it of another architecture?"
                );
            }
        }
        using var gradients = no_grad();
        foreach (var (key, value) in given)
        {
            value.copy_(trained[key]);
        }
        eval();
    }

    private Tensor Through(Tensor images)
    {
        var (height, width) = (images.shape[2], images.shape[3]);
        try
        {
            return layers.Aggregate(images, (x, layer) => layer.Layer.call(x));
        }
        catch (ExternalException fault) when (height != InputSize || width != InputSize)
        {
            throw new ArgumentException(
                $"{GetName()} was made for images of {InputSize}x{InputSize}; those of {height}x{width} do not pass "
                    + $"all its layers: {fault.Message.Split('\n')[0]}",
                "input",
                fault
            );
        }
    }

    private static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(4).Select(name => $"'{name}'")) + (names.Count > 4 ? ", ..." : "");
}
