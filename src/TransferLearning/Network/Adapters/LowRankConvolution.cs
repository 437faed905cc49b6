using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// LoRA of a convolution: the layer as it was, frozen, and beside it a convolution to r channels of the same geometry
/// and a 1x1 convolution back that learn.
/// </summary>
/// <remarks>
/// <c>y = W * x + b + alpha/r B (A * x)</c>, A drawn and B 0 at first, so that the layer starts as it was: the filters'
/// change has rank r over the output channels (Hu et al. 2022, "LoRA", for the idea; their library factors the unfolded
/// filters in another way). For convolutions without groups.
/// </remarks>
public sealed class LowRankConvolution : nn.Module<Tensor, Tensor>, IAdapted, IGraphPart
{
    private readonly Conv2d layer;
    private readonly Parameter reduce;
    private readonly Parameter expand;
    private readonly long[] stride;
    private readonly long[] padding;
    private readonly double scale;

    /// <summary>Wraps a layer.</summary>
    /// <param name="layer">
    /// The pre-trained layer, without groups and dilation; it is frozen and belongs to this one from now on.
    /// </param>
    /// <param name="rank">The rank r, from 1 to the number of output channels.</param>
    /// <param name="stride">The layer's stride.</param>
    /// <param name="padding">The layer's padding, of zeros.</param>
    /// <param name="alpha">What the correction is scaled by, divided by r, positive. Default 1.</param>
    /// <exception cref="ArgumentException">
    /// The layer has another stride or padding than is given here, padding other than zeros, dilation or groups.
    /// </exception>
    public LowRankConvolution(Conv2d layer, long rank, long stride = 1, long padding = 0, double alpha = 1)
        : base(nameof(LowRankConvolution))
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        Guard.Positive(alpha);
        if (
            layer.stride.Any(own => own != stride)
            || layer.padding_type is not null
            || (layer.padding ?? [0]).Any(own => own != padding)
            || layer.dilation.Any(own => own != 1)
            || layer.groups != 1
            || layer.padding_mode != PaddingModes.Zeros
        )
        {
            throw new ArgumentException(
                $"layer must have the stride {stride} and the padding {padding}, of zeros, that are given beside it, "
                    + $"and neither dilation nor groups; it has stride {string.Join(", ", layer.stride)}, padding "
                    + $"{layer.padding_type?.ToString() ?? string.Join(", ", layer.padding ?? [0])} "
                    + $"({layer.padding_mode}), "
                    + $"dilation {string.Join(", ", layer.dilation)} and {layer.groups} group(s).",
                nameof(layer)
            );
        }
        var like = layer.weight!;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, like.shape[0]);
        (this.layer, this.stride, this.padding) = (layer, [stride, stride], [padding, padding]);
        scale = alpha / rank;
        reduce = nn.Parameter(AdapterPlan.Drawn([rank, .. like.shape[1..]], like));
        expand = nn.Parameter(zeros([like.shape[0], rank, 1, 1], like.dtype, like.device));
        RegisterComponents();
        AdapterPlan.Freeze(layer);
    }

    /// <inheritdoc />
    public IReadOnlyList<Parameter> Added => [reduce, expand];

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var reduced = nn.functional.conv2d(input, reduce, null, stride, padding);
        var correction = nn.functional.conv2d(reduced, expand) * scale;
        return (layer.call(input) + correction).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var reduced = graph.Operator(
            "Conv",
            [inputs, graph.Constant(reduce)],
            ("strides", stride),
            ("pads", padding.Concat(padding).ToArray())
        );
        var correction = graph.Operator("Conv", [reduced, graph.Constant(expand * scale)]);
        return graph.Add(graph.Part(layer, inputs, nameof(layer)), correction);
    }

    /// <summary>
    /// The filters of one plain layer that does the same <c>[outputs, inputs, height, width]</c>; the caller disposes
    /// them.
    /// </summary>
    public Tensor MergedWeight()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var change = expand.reshape(expand.shape[0], -1).matmul(reduce.reshape(reduce.shape[0], -1)) * scale;
        return (layer.weight! + change.reshape(layer.weight!.shape)).MoveToOuterDisposeScope();
    }
}
