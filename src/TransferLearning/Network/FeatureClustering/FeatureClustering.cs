using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// k-means on the features of a network that was trained on other classes: rows of classes that nobody has labeled fall
/// into groups.
/// </summary>
/// <remarks>
/// <para>
/// <c>min sum_i min_c ||f(x_i) - m_c||^2</c> over k centers m. Features that tell a network's own classes apart lay
/// rows of new classes apart as well (George, Shen and Huerta 2017, "Deep Transfer Learning: a New Deep Learning Glitch
/// Classification Method for Advanced LIGO"). k-means++ starts (Arthur and Vassilvitskii 2007) and Lloyd's rounds, of
/// which the start with the least sum wins; a cluster without rows takes the row that is farthest from its center.
/// <c>ClusterQuality</c> judges the groups where labels are known.
/// </para>
/// <para>
/// Above <see cref="StartRows"/> rows the starts look at that many, drawn evenly, and the rounds from their best go
/// over all. Rows are read a block at a time; of rows in shards each process reads its own, and a round sends
/// <c>(P + 1) k (d + 2)</c> numbers between P processes. Costs n k d a round and start. In float64.
/// </para>
/// </remarks>
/// <param name="Clusters">The number of clusters k, at least 1 and at most as many as there are rows.</param>
public sealed record FeatureClustering([property: OptionRange(AtLeast = 1)] int Clusters)
{
    /// <summary>The starts, of which the best counts. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Starts { get; init; } = 10;

    /// <summary>The most rows that starts look at. Default 10,000.</summary>
    [OptionRange(AtLeast = 1)]
    public int StartRows { get; init; } = 10_000;

    /// <summary>The most rounds over all rows; less where no center moves any more. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 100;

    /// <summary>
    /// Whether features are brought to unit length first, so that angles count and lengths do not. Default false.
    /// </summary>
    public bool UnitLength { get; init; }

    /// <summary>Clusters the features of some rows.</summary>
    /// <param name="extractor">The network, or any other map to features <c>[n, d]</c>; it does not change.</param>
    /// <param name="domain">The rows.</param>
    /// <param name="context">Draws the starts; cancellation. Null for seed 0 and none.</param>
    /// <returns>The centers; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">There are fewer rows than clusters, or a feature is not finite.</exception>
    public FeatureClusters Fit(IFeatureExtractor extractor, UnlabeledDomain domain, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(domain);
        Check(domain.Count, nameof(domain));
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var cancellation = context?.Cancellation ?? default;
        var features = BatchedPass.Over(domain.Rows, extractor, cancellation);
        return Fit(new TensorRows(features), context, nameof(extractor));
    }

    /// <summary>
    /// Clusters rows as they are: features from a store, for instance, of which no memory need hold all.
    /// </summary>
    /// <param name="domain">The rows <c>[n, d]</c>.</param>
    /// <param name="context">Draws the starts; cancellation. Null for seed 0 and none.</param>
    /// <returns>The centers; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">There are fewer rows than clusters, or a number is not finite.</exception>
    public FeatureClusters Fit(UnlabeledDomain domain, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(domain);
        Check(domain.Count, nameof(domain));
        using var canceling = Canceling.By(context);
        return Fit(domain.Rows, context, nameof(domain));
    }

    private FeatureClusters Fit(IRowSource rows, FitContext? context, string name)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var width = RowShape.Of(rows).Width;
        var key = context?.Key ?? new RandomKey(0);
        var (centers, best, round) = (Started(rows, key, name), double.PositiveInfinity, 0);
        while (true)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var sums = ClusterSums.Of(rows, Read, centers, width);
            best = sums.Distances;
            if (!double.IsFinite(best))
            {
                throw NotFinite(name);
            }
            if (round == MaxRounds)
            {
                break;
            }
            round++;
            var moved = sums.Means(centers);
            var isSettled = moved.equal(centers).all().item<bool>();
            centers.copy_(moved);
            if (isSettled)
            {
                break;
            }
        }
        return new FeatureClusters(centers, UnitLength, best, round);
    }

    // The best of the starts on some rows.
    private Tensor Started(IRowSource rows, RandomKey key, string name)
    {
        using var scope = NewDisposeScope();
        using var generator = key.Child(0).Generator();
        var count = Math.Min(rows.Count, Math.Max(StartRows, Clusters));
        var drawn = randperm(rows.Count, int64, generator: generator).narrow(0, 0, count).sort(0).Values;
        var some = Read(BatchedPass.Read(rows, drawn));
        if (!some.isfinite().all().item<bool>())
        {
            throw NotFinite(name);
        }
        var members = nn
            .functional.one_hot(PlusPlusClustering.Of(some, Clusters, Starts, key.Child(1)), Clusters)
            .to(float64);
        var sizes = members.sum(dim: 0).unsqueeze(1);
        // Fewer different rows than clusters: one of them stands in.
        return where(sizes.gt(0), members.t().mm(some) / sizes.clamp_min(1), some.narrow(0, 0, 1))
            .MoveToOuterDisposeScope();
    }

    private static ArgumentException NotFinite(string name) =>
        new("the features must be finite; there is NaN or infinity among them.", name);

    private Tensor Read(Tensor rows) => FeatureClusters.Prepared(rows, UnitLength);

    private void Check(long rows, string name)
    {
        Guard.Options(this);
        if (rows < Clusters)
        {
            throw new ArgumentException($"{Clusters} clusters need as many rows at least; got {rows}.", name);
        }
    }
}
