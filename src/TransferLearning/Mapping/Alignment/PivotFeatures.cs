using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The choice of features that behave alike in both domains.</summary>
internal static class PivotFeatures
{
    /// <summary>The places of the pivots <c>[at most count]</c>, best first; of two alike the earlier.</summary>
    public static Tensor Choose(LabeledDomain source, Tensor target, long count, int minRows, bool byFrequency)
    {
        using var scope = NewDisposeScope();
        var held = source.Inputs.gt(0).to(float64);
        var rarer = Rarer(held, target.gt(0).to(float64));
        var worth = byFrequency
            ? rarer
            : Information(held, nn.functional.one_hot(source.Labels, source.Space.Width).to(float64));
        return Best(worth, rarer, count, minRows).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The places of the features <c>[at most count]</c> whose presence tells least of the domain, best first; of two
    /// alike the earlier.
    /// </summary>
    /// <param name="source">1 where a source row holds a feature, else 0, <c>[n, d]</c>.</param>
    /// <param name="target">The same of target rows, <c>[m, d]</c>.</param>
    /// <param name="count">How many at the most.</param>
    /// <param name="minRows">How many rows of each domain hold one at least.</param>
    public static Tensor Shared(Tensor source, Tensor target, long count, int minRows)
    {
        using var scope = NewDisposeScope();
        var isTarget = cat([zeros_like(source.narrow(1, 0, 1)), ones_like(target.narrow(1, 0, 1))]);
        var told = Information(cat([source, target]), cat([1 - isTarget, isTarget], 1));
        return Best(-told, Rarer(source, target), count, minRows).MoveToOuterDisposeScope();
    }

    /// <summary>The places of all other of d features, rising.</summary>
    public static Tensor Others(Tensor pivots, long d)
    {
        using var scope = NewDisposeScope();
        return ones(d, dtype: float64, device: pivots.device)
            .index_copy_(0, pivots, zeros(pivots.shape[0], float64, pivots.device))
            .nonzero()
            .reshape(-1)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The mutual information, in nats, of each feature's presence with the class.</summary>
    /// <param name="held">1 where a row holds a feature, else 0, <c>[n, d]</c>.</param>
    /// <param name="classes">The rows' classes, one-hot <c>[n, C]</c>.</param>
    public static Tensor Information(Tensor held, Tensor classes)
    {
        using var scope = NewDisposeScope();
        var n = (double)held.shape[0];
        var share = classes.sum(dim: 0).unsqueeze(1) / n;
        var holding = classes.t().matmul(held) / n; // [classes, d]
        var presence = held.mean([0L]);
        static Tensor Terms(Tensor joint, Tensor product) =>
            where(joint > 0, joint * (joint / product).log(), zeros_like(joint)).sum(dim: 0);
        return (
            Terms(holding, share * presence) + Terms(share - holding, share * (1 - presence))
        ).MoveToOuterDisposeScope();
    }

    // In how many rows of the domain that holds a feature more rarely it stands.
    private static Tensor Rarer(Tensor source, Tensor target) => source.sum(dim: 0).minimum(target.sum(dim: 0));

    private static Tensor Best(Tensor worth, Tensor rarer, long count, int minRows)
    {
        var frequent = rarer.ge(minRows);
        var most = frequent.to(int64).sum().item<long>();
        if (most == 0)
        {
            throw new ArgumentException(
                $"no feature is positive in {minRows} rows of both domains: lower MinRows, or give counts or "
                    + "presences of features.",
                "target"
            );
        }
        var ranked = where(frequent, worth, full_like(worth, double.NegativeInfinity));
        return ranked.sort(0, descending: true, stable: true).Indices.narrow(0, 0, Math.Min(count, most));
    }
}
