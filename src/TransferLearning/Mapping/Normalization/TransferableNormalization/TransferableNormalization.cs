using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using TorchSharp.Modules;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// TransNorm: batch normalization with each domain's own statistics, a shared scale and shift, and more weight for
/// channels that the domains agree on.
/// </summary>
/// <remarks>
/// <c>y = (1 + a_j) (gamma x^ + beta)</c>, x^ normalized by the passing domain,
/// <c>a_j = c (1 + d_j)^-1 / sum_k (1 + d_k)^-1</c> over the c channels with <c>d_j = | mu_s / sqrt(sigma_s^2 + eps) -
/// mu_t / sqrt(sigma_t^2 + eps) |</c> (Wang, Jin, Long, Wang and Jordan 2019, "Transferable Normalization", equations 4
/// to 7). The domains pass one by one, so a is always of the running statistics, which the paper uses at test time
/// only; no gradient flows through it. All sources share one set of statistics. <see cref="DomainNormalizedExtractor"/>
/// around the network tells the layer the domain; outside of it rows count as the target's.
/// </remarks>
[Experimental("TL1002")]
public sealed class TransferableNormalization : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly DomainStatistics source;
    private readonly DomainStatistics target;
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <summary>Makes a layer.</summary>
    /// <param name="features">The number of channels c of inputs <c>[n, c]</c> or <c>[n, c, ...]</c>.</param>
    /// <param name="momentum">The share of a batch in the running statistics, from 0 to 1.</param>
    /// <param name="epsilon">What is added to variances.</param>
    public TransferableNormalization(long features, double momentum = 0.1, double epsilon = 1e-5)
        : base(nameof(TransferableNormalization))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        Guard.Positive(epsilon);
        source = new DomainStatistics(features, momentum, epsilon, hasScale: false);
        target = new DomainStatistics(features, momentum, epsilon, hasScale: false);
        (weight, bias) = (nn.Parameter(ones(features)), nn.Parameter(zeros(features)));
        RegisterComponents();
    }

    /// <summary>The channels' weights a at present, <c>[c]</c>, of sum c; the caller disposes them.</summary>
    public Tensor ChannelWeights()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var closeness = ((source.Standing() - target.Standing()).abs() + 1.0).reciprocal();
        return (closeness / closeness.mean()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var normalized = (PassingDomain.Current.IsTarget ? target : source).call(input);
        var gain = ChannelWeights() + 1.0;
        long[] channels = [1, -1, .. Enumerable.Repeat(1L, (int)input.dim() - 2)];
        return (
            (normalized * (weight * gain).reshape(channels)) + (bias * gain).reshape(channels)
        ).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var normalized = graph.Part(PassingDomain.Current.IsTarget ? target : source, inputs);
        var gain = ChannelWeights() + 1.0;
        long[] channels = [1, -1, .. Enumerable.Repeat(1L, graph.ExampleOf(inputs).shape.Length - 2)];
        var scaled = graph.Multiply(normalized, graph.Constant((weight * gain).reshape(channels)));
        return graph.Add(scaled, graph.Constant((bias * gain).reshape(channels)));
    }
}
