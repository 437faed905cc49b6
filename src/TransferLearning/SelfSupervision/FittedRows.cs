using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>The rows that maps without labels are learned from, and their weights.</summary>
internal static class FittedRows
{
    /// <summary>
    /// Rows of some domains one below the other, and weights of mean 1 where any has some. Opens no scope.
    /// </summary>
    public static (Tensor Rows, Tensor? Weights) Of(DomainSet domains, ViewedDomains viewed)
    {
        var rows = new List<Tensor>();
        var weights = new List<Tensor>();
        var isWeighted = false;
        if (viewed != ViewedDomains.Target)
        {
            foreach (var source in domains.Sources)
            {
                rows.Add(source.Inputs);
                weights.Add(RelativeWeights.Of(source));
                isWeighted |= source.Weights is not null;
            }
        }
        if (viewed != ViewedDomains.Sources)
        {
            rows.Add(domains.Target.Inputs);
            weights.Add(ones(domains.Target.Count, float64, domains.Target.Inputs.device));
        }
        foreach (var some in rows)
        {
            Guard.Rows(some, name: nameof(domains));
        }
        return rows.Count == 1
            ? (rows[0], isWeighted ? weights[0] : null)
            : (cat(rows), isWeighted ? cat(weights) : null);
    }

    /// <summary>Weights of mean 1, float64 <c>[n]</c>. Opens no scope.</summary>
    public static Tensor Weights(Tensor rows, Tensor? weights)
    {
        if (weights is null)
        {
            return ones(rows.shape[0], float64, rows.device);
        }
        var exact = weights.to(float64);
        DomainChecks.Weights(exact, rows.shape[0]);
        return RelativeWeights.Of(exact);
    }

    /// <summary>The weighted mean, float64 <c>[d]</c>. Opens no scope.</summary>
    public static Tensor Mean(Tensor rows, Tensor? weights) =>
        (rows.to(float64) * Weights(rows, weights).unsqueeze(1)).mean([0L]);

    /// <summary>
    /// The root of the mean squared distance from the mean; 1 where all rows coincide. Opens no scope.
    /// </summary>
    public static double Spread(Tensor rows, Tensor mean, Tensor? weights)
    {
        var distances = (rows.to(float64) - mean).square().sum(1);
        var variance = (distances * Weights(rows, weights)).mean().item<double>();
        return variance > 0 ? Math.Sqrt(variance) : 1;
    }
}
