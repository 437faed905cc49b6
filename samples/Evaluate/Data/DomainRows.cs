using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>Parts and scalings of domains.</summary>
internal static class DomainRows
{
    /// <summary>
    /// Each row divided by its sum, then each feature standardized within the domain: what the field does with word
    /// counts.
    /// </summary>
    public static Tensor StandardizedShares(Tensor counts)
    {
        var shares = counts / counts.sum(1, keepdim: true);
        var spread = shares.std(0, unbiased: false);
        return (shares - shares.mean([0L])) / where(spread > 0, spread, ones_like(spread));
    }

    /// <summary>Rows of unit Euclidean length; a zero row stays zero.</summary>
    public static Tensor OfUnitLength(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-30);

    /// <summary>The rows of a domain with the given numbers.</summary>
    public static LabeledDomain Some(this LabeledDomain domain, Tensor rows) =>
        new(domain.Inputs.index_select(0, rows), domain.Labels.index_select(0, rows), space: domain.Space);

    /// <summary>A task with a few labeled target rows, drawn by the seed; the others are the target.</summary>
    public static (LabeledDomain Few, LabeledDomain Others) Split(this LabeledDomain domain, long few, int seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var order = randperm(domain.Count, generator: generator);
        return (domain.Some(order.narrow(0, 0, few)), domain.Some(order.narrow(0, few, domain.Count - few)));
    }
}
