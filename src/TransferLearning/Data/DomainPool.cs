using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Several labeled domains as one.</summary>
internal static class DomainPool
{
    public static LabeledDomain Labeled(IReadOnlyList<LabeledDomain> domains)
    {
        if (domains.Count == 1)
        {
            return domains[0];
        }
        var weights = domains.All(domain => domain.Weights is null)
            ? null
            : cat([
                .. domains.Select(domain =>
                    domain.Weights ?? ones(domain.Count, domain.Inputs.dtype, domain.Inputs.device)
                ),
            ]);
        return new LabeledDomain(
            cat([.. domains.Select(domain => domain.Inputs)]),
            cat([.. domains.Select(domain => domain.Labels)]),
            weights,
            domains[0].Space
        );
    }
}
