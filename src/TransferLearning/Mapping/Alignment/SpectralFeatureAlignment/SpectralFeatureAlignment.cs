using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>SFA: features of one domain only fall into groups by the shared features that they go with.</summary>
/// <remarks>
/// <para>
/// A row holds a feature where <c>x > 0</c>. The l features whose presence tells least of the domain (mutual
/// information in nats, of those that at least <see cref="MinRows"/> rows of each domain hold) are the shared ones. M
/// <c>[d - l, l]</c> counts the rows of both domains that hold a feature of the rest and a shared one together; the
/// leading k eigenvectors of the bipartite graph's <c>D^(-1/2) A D^(-1/2)</c>, <c>A = [[0, M], [M', 0]]</c>, are on the
/// rest the left singular vectors V of <c>D_1^(-1/2) M D_2^(-1/2)</c> with M's row and column sums, and rows map to
/// <c>[x, s (x V - mean)]</c> (Pan, Ni, Sun, Yang and Chen 2010, "Cross-Domain Sentiment Classification via Spectral
/// Feature Alignment").
/// </para>
/// <para>
/// s gives the new part a root mean squared length of <see cref="Scale"/> times that of x, where the paper multiplies
/// by a number. Labels are not used. Costs <c>n d l + d l^2</c> operations and the memory of the rows.
/// </para>
/// </remarks>
public sealed record SpectralFeatureAlignment : IFeatureMapping
{
    /// <summary>
    /// How many shared features l, at most half of the features; fewer where fewer are frequent enough. Null, the
    /// default, takes a fifth of the features, at most 500.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? SharedFeatures { get; init; }

    /// <summary>How many rows of each domain hold a shared feature, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int MinRows { get; init; } = 10;

    /// <summary>
    /// How many new features k, at most the shared ones; null, the default, takes 50 or as many as there are shared
    /// features.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Components { get; init; }

    /// <summary>How long the new part is against the old one, positive. Default 0.5.</summary>
    [OptionRange(Above = 0)]
    public double Scale { get; init; } = 0.5;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        return Fit(domains.PooledSources().Inputs, domains.Target.Inputs);
    }

    /// <summary>Fits the map.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>
    /// The map <c>[., d]</c> to <c>[., d + k]</c>, whose pivots are the shared features; the caller disposes it.
    /// </returns>
    /// <exception cref="ArgumentException">No feature is frequent enough in both domains.</exception>
    public CorrespondingFeatures Fit(Tensor source, Tensor target)
    {
        Check(source, target);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (n, d) = (source.shape[0], source.shape[1]);
        var rows = cat([source, target]).to(float64);
        var held = rows.gt(0).to(float64);
        var shared = PivotFeatures.Shared(
            held.narrow(0, 0, n),
            held.narrow(0, n, target.shape[0]),
            (SharedFeatures ?? UsualShared(d))!.Value,
            MinRows
        );
        var others = PivotFeatures.Others(shared, d);
        var together = held.index_select(1, others).t().matmul(held.index_select(1, shared));
        // A feature that goes with no other has no edges, and its row or column is 0 whatever it is divided by.
        Tensor Root(long summed) => together.sum([summed], keepdim: true).clamp_min(1).rsqrt();
        var (vectors, _, _) = linalg.svd(together * Root(1) * Root(0), fullMatrices: false);
        var count = Math.Min(Components ?? 50, shared.shape[0]);
        var groups = vectors.narrow(1, 0, count);
        groups *= groups.gather(0, groups.abs().argmax(0, keepdim: true)).sign();
        var directions = zeros([d, count], float64, rows.device).index_copy_(0, others, groups);
        return CorrespondingFeatures.Of(rows, directions, Scale, shared);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Limit.Faults(Limits(plan.Width));

    private Limit[] Limits(long? d) =>
        [
            new(nameof(SharedFeatures), SharedFeatures, d / 2, "half of the features"),
            new(nameof(Components), Components, SharedFeatures ?? UsualShared(d), "the number of shared features"),
        ];

    private static long? UsualShared(long? d) => d is { } width ? Math.Clamp(width / 5, 1, 500) : null;

    private void Check(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        if (target.shape[1] < 2)
        {
            throw new ArgumentException("target must have features besides shared ones, at least 2.", nameof(target));
        }
        Limit.Keep(Limits(target.shape[1]));
    }
}
