using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>A layer whose outputs are codes: numbers between -1 and 1, one a bit, whose signs are the bits.</summary>
/// <remarks>
/// <c>u = tanh(N(W x + b))</c>, N a batch normalization, W drawn with standard deviation 0.01 and b = 0, as in the
/// program of Venkateswara, Eusebio, Chakraborty and Panchanathan 2017, "Deep Hashing Network for Unsupervised Domain
/// Adaptation".
/// </remarks>
public sealed class HashLayer : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly Linear linear;
    private readonly BatchNorm1d? normalization;

    /// <summary>Makes a layer.</summary>
    /// <param name="features">The number of features d.</param>
    /// <param name="bits">The number of bits K. Default 64, the authors'.</param>
    /// <param name="normalizes">
    /// Whether a batch normalization stands before the tanh. Default true; without it codes of unscaled features may
    /// all lie at -1 or 1, where the tanh passes no gradient.
    /// </param>
    public HashLayer(long features, long bits = 64, bool normalizes = true)
        : base(nameof(HashLayer))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        linear = nn.Linear(features, bits);
        nn.init.normal_(linear.weight!, 0, 0.01);
        nn.init.zeros_(linear.bias!);
        normalization = normalizes ? nn.BatchNorm1d(bits) : null;
        RegisterComponents();
    }

    /// <summary>The codes <c>[n, bits]</c> of features <c>[n, d]</c>.</summary>
    public override Tensor forward(Tensor input)
    {
        Guard.Fitted(input, linear.weight!.shape[1]);
        using var scope = NewDisposeScope();
        var sums = linear.call(input);
        return (normalization is null ? sums : normalization.call(sums)).tanh().MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var sums = graph.Part(linear, inputs, nameof(linear));
        var scaled = normalization is null ? sums : graph.Part(normalization, sums, nameof(normalization));
        return graph.Operator("Tanh", [scaled]);
    }
}
