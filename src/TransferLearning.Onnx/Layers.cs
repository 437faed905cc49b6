using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TransferLearning.Onnx;

/// <summary>TorchSharp's layers as ONNX operators, as they compute in evaluation mode.</summary>
internal static class Layers
{
    /// <summary>Writes a layer.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="x">What it gets.</param>
    /// <param name="result">What it gives for the example rows.</param>
    public static GraphValue Write(IGraphWriter graph, nn.Module<Tensor, Tensor> layer, GraphValue x, Tensor result)
    {
        switch (layer)
        {
            case Sequential when IsPlain(layer):
                return layer
                    .named_children()
                    .Aggregate(x, (before, child) => graph.Part(child.module, before, child.name));
            case Identity or Dropout or Dropout1d or Dropout2d or Dropout3d or AlphaDropout or FeatureAlphaDropout:
                return x;
            case Linear linear:
                return Affine(graph, x, linear);
            case Conv1d or Conv2d or Conv3d:
                return Convolution(graph, x, (Convolution)layer);
            case BatchNorm batch:
                return Normalization(graph, x, batch);
            case LayerNorm norm:
                return Normalization(graph, x, norm);
            case GroupNorm norm:
                return Normalization(graph, x, norm, result);
            case Embedding embedding:
                return graph.Operator("Gather", [graph.Constant(embedding.weight!), x], ("axis", 0L));
            case MaxPool1d pool:
                return MaxPool(
                    graph,
                    x,
                    [pool.kernel_size],
                    [pool.stride ?? pool.kernel_size],
                    [pool.padding ?? 0],
                    [pool.dilation ?? 1],
                    pool.ceil_mode
                );
            case MaxPool2d pool:
                return MaxPool(
                    graph,
                    x,
                    Two(pool.kernel_size, null),
                    Two(pool.stride, pool.kernel_size),
                    Two(pool.padding, [0]),
                    Two(pool.dilation, [1]),
                    pool.ceil_mode
                );
            case AvgPool1d pool:
                return AveragePool(
                    graph,
                    x,
                    [pool.kernel_size],
                    [pool.stride ?? pool.kernel_size],
                    [pool.padding ?? 0],
                    pool.ceil_mode,
                    pool.count_include_pad
                );
            case AvgPool2d pool when pool.divisor_override is null or 0:
                return AveragePool(
                    graph,
                    x,
                    Two(pool.kernel_size, null),
                    Two(pool.stride, pool.kernel_size),
                    Two(pool.padding, [0]),
                    pool.ceil_mode,
                    pool.count_include_pad
                );
            case AdaptiveAvgPool2d:
                return AdaptiveAverage(graph, x, result);
            case Flatten flatten when flatten.start_dim >= 1:
            case Unflatten unflatten when unflatten.dim >= 1:
                return Reshaped(graph, x, result);
            case PReLU leak:
                long[] channels = [-1, .. Enumerable.Repeat(1L, Math.Max(0, result.shape.Length - 2))];
                return graph.Operator("PRelu", [x, graph.Constant(leak.weight.reshape(channels))]);
            case Softmax softmax:
                return graph.Operator("Softmax", [x], ("axis", softmax.dim));
            case LogSoftmax softmax:
                return graph.Operator("LogSoftmax", [x], ("axis", softmax.dim));
            default:
                return Activation(graph, layer, x)
                    ?? graph.Refuse(
                        "it has no ONNX operators, or none with these settings. Take another layer, or implement "
                            + "IGraphPart where the module is your own."
                    );
        }
    }

    private static GraphValue? Activation(IGraphWriter graph, nn.Module layer, GraphValue x)
    {
        GraphValue Number(double number) => graph.Like(graph.Constant(tensor(number, dtype: float64)), x);
        GraphValue Times(GraphValue left, GraphValue right) => graph.Operator("Mul", [left, right]);
        switch (layer)
        {
            case ReLU:
                return graph.Operator("Relu", [x]);
            case ReLU6:
                return graph.Operator("Clip", [x, Number(0), Number(6)]);
            case LeakyReLU leaky:
                return graph.Operator("LeakyRelu", [x], ("alpha", leaky.negative_slope));
            case ELU elu:
                return graph.Operator("Elu", [x], ("alpha", elu.alpha));
            case Tanh:
                return graph.Operator("Tanh", [x]);
            case Sigmoid:
                return graph.Operator("Sigmoid", [x]);
            case SiLU:
                return Times(x, graph.Operator("Sigmoid", [x]));
            case Hardsigmoid:
                return graph.Operator("HardSigmoid", [x], ("alpha", 1.0 / 6), ("beta", 0.5));
            case Hardswish:
                return graph.Operator("HardSwish", [x]);
            case Softplus { beta: 1 }:
                return graph.Operator("Softplus", [x]);
            case GELU gelu:
                var inner =
                    gelu.approximate == GELU.Approximate.none
                        ? graph.Operator("Erf", [Times(x, Number(1 / Math.Sqrt(2)))])
                        : graph.Operator(
                            "Tanh",
                            [
                                Times(
                                    graph.Operator("Add", [x, Times(Times(Times(x, x), x), Number(0.044715))]),
                                    Number(Math.Sqrt(2 / Math.PI))
                                ),
                            ]
                        );
                return Times(Times(x, Number(0.5)), graph.Operator("Add", [inner, Number(1)]));
            default:
                return null;
        }
    }

    private static GraphValue Affine(IGraphWriter graph, GraphValue x, Linear linear)
    {
        if (graph.ExampleOf(x).dim() == 2)
        {
            GraphValue[] terms = [x, graph.Constant(linear.weight)];
            return graph.Operator(
                "Gemm",
                linear.bias is null ? terms : [.. terms, graph.Constant(linear.bias)],
                ("transB", 1L)
            );
        }
        var product = graph.Operator("MatMul", [x, graph.Constant(linear.weight.t())]);
        return linear.bias is null ? product : graph.Operator("Add", [product, graph.Constant(linear.bias)]);
    }

    private static GraphValue Convolution(IGraphWriter graph, GraphValue x, Convolution layer)
    {
        var places = layer.kernel_size.Length;
        // How many zeros stand before and after each dimension.
        var (before, after) = (new long[places], new long[places]);
        for (var i = 0; i < places; i++)
        {
            var (kernel, dilation) = (layer.kernel_size[i], layer.dilation[i % layer.dilation.Length]);
            var all = dilation * (kernel - 1);
            (before[i], after[i]) = (layer.padding_type, layer.padding) switch
            {
                (Padding.Same, _) => (all / 2, all - (all / 2)),
                (Padding.Valid, _) or (_, null) => (0, 0),
                (_, var padding) => (padding[i % padding.Length], padding[i % padding.Length]),
            };
        }
        long[] pads = [.. before, .. after];
        if (layer.padding_mode != PaddingModes.Zeros && pads.Any(pad => pad > 0))
        {
            if (layer.padding_mode == PaddingModes.Circular)
            {
                return graph.Refuse("it pads by circling, which ONNX's padding of this version cannot.");
            }
            var mode = layer.padding_mode == PaddingModes.Reflect ? "reflect" : "edge";
            long[] all = [0, 0, .. before, 0, 0, .. after];
            x = graph.Operator("Pad", [x, graph.Constant(tensor(all))], ("mode", mode));
            Array.Clear(pads);
        }
        GraphValue[] terms = [x, graph.Constant(layer.weight)];
        return graph.Operator(
            "Conv",
            layer.bias is null ? terms : [.. terms, graph.Constant(layer.bias)],
            ("strides", Every(layer.stride, places)),
            ("dilations", Every(layer.dilation, places)),
            ("pads", pads),
            ("group", layer.groups)
        );
    }

    private static GraphValue Normalization(IGraphWriter graph, GraphValue x, BatchNorm layer)
    {
        if (layer.running_mean is not { } mean || layer.running_var is not { } variance)
        {
            return graph.Refuse("it keeps no statistics and normalizes by those of each batch: a file cannot.");
        }
        return graph.Operator(
            "BatchNormalization",
            [
                x,
                graph.Constant(layer.affine ? layer.weight : ones_like(mean)),
                graph.Constant(layer.affine ? layer.bias! : zeros_like(mean)),
                graph.Constant(mean),
                graph.Constant(variance),
            ],
            ("epsilon", layer.eps)
        );
    }

    private static GraphValue Normalization(IGraphWriter graph, GraphValue x, LayerNorm layer)
    {
        var dtype = graph.ExampleOf(x).dtype;
        var weight = layer.elementwise_affine ? layer.weight : ones(layer.normalized_shape, dtype);
        GraphValue[] terms = [x, graph.Constant(weight)];
        return graph.Operator(
            "LayerNormalization",
            layer.elementwise_affine && layer.bias is { } bias ? [.. terms, graph.Constant(bias)] : terms,
            ("axis", -(long)layer.normalized_shape.Length),
            ("epsilon", layer.eps)
        );
    }

    // Groups of channels stand as one channel each, whose numbers an instance normalization brings to mean 0.
    private static GraphValue Normalization(IGraphWriter graph, GraphValue x, GroupNorm layer, Tensor result)
    {
        var dtype = graph.ExampleOf(x).dtype;
        var grouped = graph.Operator("Reshape", [x, graph.Constant(tensor(new[] { 0, layer.num_groups, -1L }))]);
        var normalized = graph.Operator(
            "InstanceNormalization",
            [grouped, graph.Constant(ones(layer.num_groups, dtype)), graph.Constant(zeros(layer.num_groups, dtype))],
            ("epsilon", layer.eps)
        );
        var back = Reshaped(graph, normalized, result);
        if (!layer.affine)
        {
            return back;
        }
        long[] channels = [-1, .. Enumerable.Repeat(1L, result.shape.Length - 2)];
        var scaled = graph.Operator("Mul", [back, graph.Constant(layer.weight.reshape(channels))]);
        return layer.bias is null
            ? scaled
            : graph.Operator("Add", [scaled, graph.Constant(layer.bias.reshape(channels))]);
    }

    private static GraphValue MaxPool(
        IGraphWriter graph,
        GraphValue x,
        long[] kernel,
        long[] stride,
        long[] padding,
        long[] dilation,
        bool isCeiling
    ) =>
        graph.Operator(
            "MaxPool",
            [x],
            ("kernel_shape", kernel),
            ("strides", stride),
            ("pads", padding.Concat(padding).ToArray()),
            ("dilations", dilation),
            ("ceil_mode", isCeiling ? 1L : 0L)
        );

    private static GraphValue AveragePool(
        IGraphWriter graph,
        GraphValue x,
        long[] kernel,
        long[] stride,
        long[] padding,
        bool isCeiling,
        bool countsPadding
    ) =>
        graph.Operator(
            "AveragePool",
            [x],
            ("kernel_shape", kernel),
            ("strides", stride),
            ("pads", padding.Concat(padding).ToArray()),
            ("ceil_mode", isCeiling ? 1L : 0L),
            ("count_include_pad", countsPadding ? 1L : 0L)
        );

    private static GraphValue AdaptiveAverage(IGraphWriter graph, GraphValue x, Tensor result)
    {
        var given = graph.ExampleOf(x);
        if (given.dim() != 4)
        {
            return graph.Refuse("it gets no images [n, c, h, w].");
        }
        if (result.shape.SequenceEqual(given.shape))
        {
            return x;
        }
        if (result.shape is [_, _, 1, 1])
        {
            return graph.Operator("GlobalAveragePool", [x]);
        }
        // Rows, then columns, are averaged by a matrix each.
        var rows = graph.Constant(Means(given.shape[2], result.shape[2], given.dtype));
        var columns = graph.Constant(Means(given.shape[3], result.shape[3], given.dtype).t());
        return graph.Operator("MatMul", [graph.Operator("MatMul", [rows, x]), columns]);
    }

    /// <summary>
    /// The matrix <c>[outputs, inputs]</c> of adaptive averages: output i is the mean of the inputs from
    /// <c>floor(i n / m)</c> to below <c>ceil((i + 1) n / m)</c>, for n inputs and m outputs.
    /// </summary>
    private static Tensor Means(long inputs, long outputs, ScalarType dtype)
    {
        var means = new double[outputs, inputs];
        for (long i = 0; i < outputs; i++)
        {
            var start = i * inputs / outputs;
            var end = (((i + 1) * inputs) + outputs - 1) / outputs;
            for (var j = start; j < end; j++)
            {
                means[i, j] = 1.0 / (end - start);
            }
        }
        return tensor(means).to(dtype);
    }

    private static GraphValue Reshaped(IGraphWriter graph, GraphValue x, Tensor result)
    {
        long[] shape = [-1, .. result.shape.Skip(1)];
        return graph.Operator("Reshape", [x, graph.Constant(tensor(shape))]);
    }

    // A class of TorchVision's or of a user's may be a Sequential with a pass of its own.
    private static bool IsPlain(nn.Module layer) =>
        layer
            .GetType()
            .GetMethod("forward", BindingFlags.Instance | BindingFlags.Public, [typeof(Tensor)])
            ?.DeclaringType == typeof(Sequential);

    private static long[] Every(long[] given, int places) =>
        given.Length == places ? given : [.. Enumerable.Repeat(given[0], places)];

    private static long[] Two(long[]? given, long[]? otherwise) =>
        given is { Length: > 0 } ? Every(given, 2)
        : otherwise is { Length: > 0 } ? Every(otherwise, 2)
        : [1, 1];
}
