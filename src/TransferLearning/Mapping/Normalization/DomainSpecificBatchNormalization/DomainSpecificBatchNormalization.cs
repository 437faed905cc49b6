using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// DSBN: a layer with one batch normalization a domain, statistics, scale and shift, for an otherwise shared network.
/// </summary>
/// <remarks>
/// <c>y = gamma_d (x - mu_d) / sqrt(sigma_d^2 + eps) + beta_d</c> for the domain d that passes, statistics over
/// everything but the channels (Chang, You, Seo, Kwak and Han 2019, "Domain-Specific Batch Normalization for
/// Unsupervised Domain Adaptation", equations 2 to 4). Goes into a network in place of a batch normalization;
/// <see cref="DomainNormalizedExtractor"/> around the network tells it the domain. Outside of it rows count as the
/// target's.
/// </remarks>
public sealed class DomainSpecificBatchNormalization : nn.Module<Tensor, Tensor>, IGraphPart
{
    private readonly DomainStatistics[] domains;

    /// <summary>Makes a layer.</summary>
    /// <param name="features">The number of channels c of inputs <c>[n, c]</c> or <c>[n, c, ...]</c>.</param>
    /// <param name="sources">The number of source domains.</param>
    /// <param name="momentum">The share of a batch in the running statistics, from 0 to 1.</param>
    /// <param name="epsilon">What is added to variances.</param>
    public DomainSpecificBatchNormalization(
        long features,
        int sources = 1,
        double momentum = 0.1,
        double epsilon = 1e-5
    )
        : base(nameof(DomainSpecificBatchNormalization))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        Guard.Positive(epsilon);
        domains = new DomainStatistics[sources + 1];
        for (var i = 0; i < domains.Length; i++)
        {
            domains[i] = new DomainStatistics(features, momentum, epsilon, hasScale: true);
            register_module(i == 0 ? "target" : $"source{i - 1}", domains[i]);
        }
    }

    /// <summary>The number of source domains.</summary>
    public int Sources => domains.Length - 1;

    /// <inheritdoc />
    public override Tensor forward(Tensor input) => domains[PassingDomain.Current.SourceIndex + 1].call(input);

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Part(domains[PassingDomain.Current.SourceIndex + 1], inputs);
}
