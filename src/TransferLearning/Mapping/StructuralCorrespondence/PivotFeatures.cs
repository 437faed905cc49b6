using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The choice of features that behave alike in both domains.</summary>
internal static class PivotFeatures
{
    /// <summary>The places of the pivots <c>[at most count]</c>, best first; of two alike the earlier.</summary>
    public static Tensor Choose(LabelledDomain source, Tensor target, long count, int leastRows, bool byFrequency)
    {
        using var scope = NewDisposeScope();
        var held = source.Inputs.gt(0).to(float64);
        var inTarget = target.gt(0).to(float64).sum(dim: 0);
        var rarer = where(held.sum(dim: 0) < inTarget, held.sum(dim: 0), inTarget);
        var frequent = rarer.ge(leastRows);
        var most = frequent.to(int64).sum().item<long>();
        if (most == 0)
        {
            throw new ArgumentException(
                $"no feature is positive in {leastRows} rows of both domains: lower LeastRows, or give counts or presences of features.",
                nameof(target)
            );
        }
        var worth = byFrequency ? rarer : Information(held, source);
        var ranked = where(frequent, worth, full_like(worth, -1)).sort(0, descending: true, stable: true).Indices;
        return ranked.narrow(0, 0, Math.Min(count, most)).MoveToOuterDisposeScope();
    }

    /// <summary>The mutual information, in nats, of each feature's presence with the class.</summary>
    /// <param name="held">1 where a row holds a feature, else 0, <c>[n, d]</c>.</param>
    /// <param name="source">The rows' classes.</param>
    public static Tensor Information(Tensor held, LabelledDomain source)
    {
        using var scope = NewDisposeScope();
        var n = (double)source.Count;
        var classes = nn.functional.one_hot(source.Labels, source.Space.Width).to(float64);
        var share = classes.sum(dim: 0).unsqueeze(1) / n;
        var holding = classes.t().matmul(held) / n; // [classes, d]
        var presence = held.mean([0L]);
        static Tensor Terms(Tensor joint, Tensor product) =>
            where(joint > 0, joint * (joint / product).log(), zeros_like(joint)).sum(dim: 0);
        return (
            Terms(holding, share * presence) + Terms(share - holding, share * (1 - presence))
        ).MoveToOuterDisposeScope();
    }
}
