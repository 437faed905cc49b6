using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>The centers that a <see cref="FeatureClustering"/> found: each row belongs to the nearest.</summary>
public sealed class FeatureClusters : IDisposable
{
    private readonly bool isOfUnitLength;
    private Tensor? centers;

    internal FeatureClusters(Tensor centers, bool isOfUnitLength, double distances, int rounds)
    {
        this.centers = centers.clone().DetachFromDisposeScope();
        (this.isOfUnitLength, SquaredDistances, Rounds) = (isOfUnitLength, distances, rounds);
    }

    /// <summary>The centers, float64 <c>[k, d]</c>; they live as long as this.</summary>
    public Tensor Centers
    {
        get
        {
            Guard.Alive(this, centers);
            return centers!;
        }
    }

    /// <summary>The sum of the rows' squared distances to their centers, which k-means makes small.</summary>
    public double SquaredDistances { get; }

    /// <summary>How many rounds over all rows it took.</summary>
    public int Rounds { get; }

    /// <summary>The clusters of some features.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>Numbers from 0, int64 <c>[n]</c>, on the centers' device; the caller disposes them.</returns>
    public Tensor Assign(Tensor features)
    {
        var known = Centers;
        Guard.Fitted(features, known.shape[1]);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var parts = new List<Tensor>();
        foreach (var (start, count) in Kernels.SquaredDistances.Blocks(features.shape[0], known))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var some = Prepared(features.narrow(0, start, count).to(known.device), isOfUnitLength);
            parts.Add(Kernels.SquaredDistances.Between(some, known).argmin(1).MoveToOuterDisposeScope());
        }
        return (parts.Count == 1 ? parts[0] : cat([.. parts])).MoveToOuterDisposeScope();
    }

    /// <summary>The clusters of a domain's rows, by their features.</summary>
    /// <param name="extractor">The network that the centers are of.</param>
    /// <param name="domain">The rows.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Numbers from 0, int64 <c>[n]</c>; the caller disposes them.</returns>
    public Tensor Assign(
        IFeatureExtractor extractor,
        UnlabeledDomain domain,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(domain);
        using var scope = NewDisposeScope();
        return Assign(BatchedPass.Over(domain.Rows, extractor, cancellationToken)).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the centers.</summary>
    public void Dispose() => centers?.Dispose();

    /// <summary>Features as they are compared, float64; of the caller's scope.</summary>
    internal static Tensor Prepared(Tensor features, bool isOfUnitLength)
    {
        using var scope = NewDisposeScope();
        var wide = features.detach().to(float64);
        return (
            isOfUnitLength ? wide / wide.norm(1, keepdim: true).clamp_min(1e-300) : wide.alias()
        ).MoveToOuterDisposeScope();
    }
}
