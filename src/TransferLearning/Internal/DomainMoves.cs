using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Domains on another device. Rows that are read when needed are moved batch by batch instead.</summary>
internal static class DomainMoves
{
    public static DomainSet To(DomainSet domains, Device device) =>
        new(
            [.. domains.Sources.Select(source => Labelled(source, device))],
            domains.Target.Rows is TensorRows target ? new UnlabelledDomain(target.Inputs.to(device)) : domains.Target,
            domains.LabelledTarget is null ? null : Labelled(domains.LabelledTarget, device)
        );

    private static LabelledDomain Labelled(LabelledDomain domain, Device device) =>
        domain.Rows is TensorRows rows
            ? new LabelledDomain(
                rows.Inputs.to(device),
                domain.Labels.to(device),
                domain.Weights?.to(device),
                domain.Space
            )
            : new LabelledDomain(domain.Rows, domain.Labels.to(device), domain.Weights?.to(device), domain.Space);
}
