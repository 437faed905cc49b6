using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>The domains of a run: one or several labelled sources, an unlabelled target, optionally a few labelled target examples.</summary>
/// <param name="sources">At least one labelled source.</param>
/// <param name="target">The target without labels.</param>
/// <param name="labelledTarget">A few labelled examples of the target, or null.</param>
public sealed class DomainSet(
    IReadOnlyList<LabelledDomain> sources,
    UnlabelledDomain target,
    LabelledDomain? labelledTarget = null
)
{
    /// <summary>The labelled sources.</summary>
    public IReadOnlyList<LabelledDomain> Sources { get; } = sources;

    /// <summary>The target without labels.</summary>
    public UnlabelledDomain Target { get; } = target;

    /// <summary>A few labelled examples of the target, or null.</summary>
    public LabelledDomain? LabelledTarget { get; } = labelledTarget;

    /// <summary>The label space that all labelled domains share.</summary>
    public LabelSpace Space => Sources[0].Space;

    /// <summary>All labelled domains with their names: the sources, then the labelled target examples if there are any.</summary>
    public IEnumerable<(DomainId Id, LabelledDomain Domain)> Labelled
    {
        get
        {
            for (var i = 0; i < Sources.Count; i++)
            {
                yield return (DomainId.Source(i), Sources[i]);
            }
            if (LabelledTarget is not null)
            {
                yield return (DomainId.Target, LabelledTarget);
            }
        }
    }

    /// <summary>All labelled rows as one domain, weights included (rows without weights weigh 1); a single one is returned as it is.</summary>
    /// <remarks>Opens no scope: what it concatenates belongs to the caller's scope.</remarks>
    public LabelledDomain Pooled() => DomainPool.Labelled([.. Labelled.Select(pair => pair.Domain)]);

    /// <summary>All source rows as one domain, weights included.</summary>
    /// <remarks>Opens no scope: what it concatenates belongs to the caller's scope.</remarks>
    public LabelledDomain PooledSources() => DomainPool.Labelled(Sources);

    /// <summary>The same domains with every row mapped.</summary>
    /// <param name="map">The map; each domain passes its own branch.</param>
    /// <param name="cancellation">Stops between two runs of rows.</param>
    /// <remarks>Opens no scope: the mapped rows belong to the caller's scope.</remarks>
    public DomainSet Through(IFeatureExtractor map, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(map);
        Tensor Mapped(IRowSource rows, DomainId domain) => BatchedPass.Over(rows, map.For(domain), cancellation);
        return new(
            [.. Sources.Select((source, i) => source.WithInputs(Mapped(source.Rows, DomainId.Source(i))))],
            new UnlabelledDomain(Mapped(Target.Rows, DomainId.Target)),
            LabelledTarget?.WithInputs(Mapped(LabelledTarget.Rows, DomainId.Target))
        );
    }
}
