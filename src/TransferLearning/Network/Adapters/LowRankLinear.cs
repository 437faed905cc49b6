using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>LoRA of a dense layer: the layer as it was, frozen, and a correction of low rank that learns.</summary>
/// <remarks>
/// <c>y = W x + b + alpha/r B A x</c>, A <c>[r, inputs]</c> drawn and B <c>[outputs, r]</c> 0 at first, so that the
/// layer starts as it was (Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models"). The frozen layer is
/// registered inside, and is saved with it.
/// </remarks>
public sealed class LowRankLinear : nn.Module<Tensor, Tensor>, IAdapted, IGraphPart
{
    private readonly Linear layer;
    private readonly Parameter reduce;
    private readonly Parameter expand;
    private readonly double scale;

    /// <summary>Wraps a layer.</summary>
    /// <param name="layer">The pre-trained layer; it is frozen and belongs to this one from now on.</param>
    /// <param name="rank">The rank r, from 1 to the smaller of inputs and outputs.</param>
    /// <param name="alpha">
    /// What the correction is scaled by, divided by r, positive. Default 1, as in the authors' library.
    /// </param>
    public LowRankLinear(Linear layer, long rank, double alpha = 1)
        : base(nameof(LowRankLinear))
    {
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        Guard.Positive(alpha);
        var like = layer.weight!;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, Math.Min(like.shape[0], like.shape[1]));
        (this.layer, scale) = (layer, alpha / rank);
        reduce = nn.Parameter(AdapterPlan.Drawn([rank, like.shape[1]], like));
        expand = nn.Parameter(zeros([like.shape[0], rank], like.dtype, like.device));
        RegisterComponents();
        AdapterPlan.Freeze(layer);
    }

    /// <inheritdoc />
    public IReadOnlyList<Parameter> Added => [reduce, expand];

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var correction = input.matmul(reduce.t()).matmul(expand.t()) * scale;
        return (layer.call(input) + correction).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var product = graph.Product(inputs, MergedWeight().t());
        return layer.bias is null ? product : graph.Add(product, graph.Constant(layer.bias));
    }

    /// <summary>
    /// The weights of one plain layer that does the same, <c>W + alpha/r B A</c> <c>[outputs, inputs]</c>; the caller
    /// disposes them.
    /// </summary>
    public Tensor MergedWeight()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return (layer.weight! + (expand.matmul(reduce) * scale)).MoveToOuterDisposeScope();
    }
}
