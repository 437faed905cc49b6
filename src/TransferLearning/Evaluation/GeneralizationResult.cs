using System.Globalization;

namespace TransferLearning.Evaluation;

/// <summary>What <see cref="LeaveOneDomainOut"/> found.</summary>
/// <param name="Domains">One line a held-out domain.</param>
public sealed record GeneralizationResult(IReadOnlyList<HeldOutDomain> Domains)
{
    /// <summary>The mean accuracy over the domains, each counted once: the figure that papers report.</summary>
    public double Mean => Domains.Average(domain => domain.Mean);

    /// <summary>The accuracy on the domain that is read worst.</summary>
    public double Worst => Domains.Min(domain => domain.Mean);

    /// <summary>One line a domain, then the mean and the worst.</summary>
    public override string ToString() =>
        string.Join(
            Environment.NewLine,
            [
                .. Domains.Select(domain => domain.ToString()),
                string.Create(CultureInfo.InvariantCulture, $"mean: {100 * Mean:F1}%, worst: {100 * Worst:F1}%"),
            ]
        );
}
