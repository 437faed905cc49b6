using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>How the labeled rows spread over the classes.</summary>
internal static class ClassShares
{
    /// <summary>
    /// The classes' shares <c>[C]</c> among the labeled rows that a caller gave, by their weights: float64, on the CPU.
    /// Opens no scope.
    /// </summary>
    public static Tensor Of(DomainSet domains)
    {
        var counts = domains
            .Sources.Append(domains.GivenLabeledTarget)
            .OfType<LabeledDomain>()
            .Select(domain =>
                domain.Labels.bincount(domain.Weights?.to(float64), domain.Space.Width).to(float64).cpu()
            );
        var sum = counts.Aggregate((a, b) => a + b);
        return sum / sum.sum();
    }
}
