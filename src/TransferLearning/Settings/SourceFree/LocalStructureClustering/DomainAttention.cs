using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Sparse attention of one domain: the features that the domain uses pass, the others are almost 0.
/// </summary>
/// <remarks>
/// <c>f -> f * sigmoid(100 e)</c> with a trained number e for each feature, standard normal at first (Yang, Wang, van
/// de Weijer, Herranz and Jui 2021, "Generalized Source-free Domain Adaptation"; Serra, Suris, Miron and Karatzoglou
/// 2018, "Overcoming Catastrophic Forgetting with Hard Attention to the Task"). The source and the target have one
/// each, over the same features; <see cref="AttendedCrossEntropy"/> trains both,
/// <see cref="LocalStructureClustering"/> adapts under them. Initial values come from the global generator.
/// </remarks>
public sealed class DomainAttention : nn.Module<Tensor, Tensor>, IGraphPart
{
    /// <summary>The factor of the numbers at which a mask is nearly 0 or 1, the authors'.</summary>
    internal const double Sharpness = 100;

    // Beyond it the slope is that of the sharp mask, the authors' bound of Serra and others' compensation.
    private const double Bound = 10;

    private readonly Parameter embedding;

    /// <summary>Makes the attention of a domain.</summary>
    /// <param name="features">The number of features d, at least 1.</param>
    public DomainAttention(long features)
        : base(nameof(DomainAttention))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        embedding = nn.Parameter(randn(features));
        RegisterComponents();
    }

    /// <summary>The features <c>[n, d]</c> times the mask.</summary>
    public override Tensor forward(Tensor input)
    {
        Guard.Fitted(input, embedding.shape[0]);
        using var scope = NewDisposeScope();
        return (input * (embedding * Sharpness).sigmoid()).MoveToOuterDisposeScope();
    }

    /// <summary>The mask <c>sigmoid(s e)</c>.</summary>
    /// <remarks>
    /// Its gradient is that of <c>100 sigmoid(e)</c>, whatever s is, as long as <c>s e</c> lies within -10 ... 10:
    /// Serra and others' compensation, without which a sharp mask would not move. Beyond, it falls as that of the sharp
    /// mask does, by <c>(cosh 10 + 1) / (cosh(s e) + 1)</c>, so that features that are clearly in or out stay so. The
    /// bound is that of the authors' program; Serra and others' has 50.
    /// </remarks>
    /// <param name="sharpness">The factor s, positive. Default 100.</param>
    /// <returns>Numbers between 0 and 1, <c>[d]</c>, differentiable in e; the caller disposes them.</returns>
    public Tensor Mask(double sharpness = Sharpness)
    {
        Guard.Positive(sharpness);
        using var scope = NewDisposeScope();
        var sharp = embedding.detach() * sharpness;
        var kept = (sharp.clamp(-Bound, Bound).cosh() + 1) / (sharp.cosh() + 1);
        var slope = embedding.sigmoid() * Sharpness;
        return (sharp.sigmoid() + ((slope - slope.detach()) * kept)).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Multiply(inputs, graph.Constant((embedding * Sharpness).sigmoid()));
}
