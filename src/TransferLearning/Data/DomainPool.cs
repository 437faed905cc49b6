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
        var given = domains.Select(domain => domain.Weights).FirstOrDefault(some => some is not null);
        var weights = given is null
            ? null
            : cat([.. domains.Select(domain => domain.Weights ?? ones(domain.Count, given.dtype, given.device))]);
        return new LabeledDomain(
            JoinedRows.Of([.. domains.Select(domain => domain.Rows)]),
            cat([.. domains.Select(domain => domain.Labels)]),
            weights,
            domains[0].Space
        );
    }
}
