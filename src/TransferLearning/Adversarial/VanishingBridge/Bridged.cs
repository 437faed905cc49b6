using TorchSharp;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// A head with a bridge: one linear layer minus another, whose outputs are what belongs to a single domain and is to
/// vanish.
/// </summary>
/// <remarks>
/// <c>y = (W f + b) - (V f + a)</c>, <c>V f + a</c> the bridge (Cui, Wang, Zhuo, Su, Huang and Tian 2020, "Gradually
/// Vanishing Bridge for Adversarial Domain Adaptation"). With as many outputs as classes it is a classifier, with one
/// it ends a critic. Between the two it is still a linear layer: the bridge only makes visible, to
/// <see cref="VanishingBridge"/>, which part of it to shrink.
/// </remarks>
public sealed class Bridged : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly nn.Module<Tensor, Tensor> trunk;
    private readonly TorchSharp.Modules.Linear head;
    private readonly TorchSharp.Modules.Linear bridge;

    /// <summary>Makes a head.</summary>
    /// <param name="features">The number of features d that the trunk gives.</param>
    /// <param name="outputs">The number of outputs: classes, or 1 for a critic.</param>
    /// <param name="trunk">
    /// What comes before both layers, or null for nothing; it becomes a submodule, so that its owner is this one.
    /// </param>
    public Bridged(long features, long outputs, nn.Module<Tensor, Tensor>? trunk = null)
        : base(nameof(Bridged))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        this.trunk = trunk ?? nn.Identity();
        (head, bridge) = (nn.Linear(features, outputs), nn.Linear(features, outputs));
        RegisterComponents();
    }

    /// <summary>What both layers compute in.</summary>
    internal ScalarType Type => head.weight!.dtype;

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (output, across) = Both(input);
        across.Dispose();
        return output.MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var rows = graph.Part(trunk, inputs, nameof(trunk));
        return graph.Subtract(graph.Part(head, rows, nameof(head)), graph.Part(bridge, rows, nameof(bridge)));
    }

    /// <summary>The outputs of some rows, and their bridge.</summary>
    /// <param name="input">Rows as the trunk, or the layers without one, take them.</param>
    /// <returns>Outputs <c>[n, k]</c> and the bridge <c>[n, k]</c>, differentiable; the caller disposes them.</returns>
    public (Tensor Output, Tensor Bridge) Both(Tensor input)
    {
        Guard.Alive(input);
        using var scope = NewDisposeScope();
        var rows = trunk.call(input);
        Guard.Fitted(rows, head.in_features, nameof(input));
        var across = bridge.call(rows);
        return ((head.call(rows) + across.neg()).MoveToOuterDisposeScope(), across.MoveToOuterDisposeScope());
    }
}
