using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Domains as a run takes them: as data, without the graph that their tensors may carry, and on its device.
/// </summary>
internal static class DomainMoves
{
    /// <summary>The domains as data.</summary>
    public static DomainSet AsData(DomainSet domains) => Each(domains, Recording.Data);

    /// <summary>
    /// The domains on another device. Rows that are read when needed are moved batch by batch instead.
    /// </summary>
    public static DomainSet To(DomainSet domains, Device device) => Each(domains, tensor => tensor.to(device));

    private static DomainSet Each(DomainSet domains, Func<Tensor, Tensor> change)
    {
        IRowSource Rows(IRowSource rows) => rows is TensorRows memory ? new TensorRows(change(memory.Inputs)) : rows;
        LabeledDomain Labeled(LabeledDomain domain) =>
            new(
                Rows(domain.Rows),
                change(domain.Labels),
                domain.Weights is { } weights ? change(weights) : null,
                domain.Space
            );
        return domains.With(
            [.. domains.Sources.Select(Labeled)],
            domains.HasTarget ? domains.Target.With(Rows(domains.Target.Rows)) : null,
            domains.LabeledTarget is { } few ? Labeled(few) : null
        );
    }
}
