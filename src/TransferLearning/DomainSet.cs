using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// The domains of a run: one or several labeled sources, an unlabeled target, optionally a few labeled target examples.
/// </summary>
/// <param name="sources">At least one labeled source.</param>
/// <param name="target">The target without labels.</param>
/// <param name="labeledTarget">A few labeled examples of the target, or null.</param>
public sealed class DomainSet(
    IReadOnlyList<LabeledDomain> sources,
    UnlabeledDomain target,
    LabeledDomain? labeledTarget = null
)
{
    private readonly UnlabeledDomain? target = target;

    /// <summary>Labeled sources alone: the domains of a fit whose target nobody has seen yet.</summary>
    /// <param name="sources">At least one labeled source.</param>
    public DomainSet(IReadOnlyList<LabeledDomain> sources)
        : this(sources, null!) { }

    /// <summary>The labeled sources.</summary>
    public IReadOnlyList<LabeledDomain> Sources { get; } = sources;

    /// <summary>The target without labels.</summary>
    /// <exception cref="InvalidOperationException">
    /// There is none (<see cref="AdaptationBuilder.FitWithoutTarget"/>); <see cref="HasTarget"/> tells.
    /// </exception>
    public UnlabeledDomain Target =>
        target
        ?? throw new InvalidOperationException(
            "asks for the target, and these domains have none: ask HasTarget first, or fit with a target."
        );

    /// <summary>Whether there is a target; false in a fit with sources alone.</summary>
    public bool HasTarget => target is not null;

    /// <summary>Rows that show shape, dtype and device of all: the target's, or the first source's.</summary>
    internal IRowSource SampleRows => target?.Rows ?? Sources[0].Rows;

    /// <summary>A few labeled examples of the target, or null.</summary>
    public LabeledDomain? LabeledTarget { get; } = labeledTarget;

    /// <summary>
    /// The label space that all labeled domains share; in a fit without sources the one that its caller named.
    /// </summary>
    public LabelSpace Space => SourceFreeSpace ?? Sources[0].Space;

    /// <summary>How many of the first labeled target rows a caller gave; null for all of them.</summary>
    internal long? GivenLabeledRows { get; private init; }

    /// <summary>The labeled target rows that a caller gave, or null.</summary>
    internal LabeledDomain? GivenLabeledTarget =>
        GivenLabeledRows switch
        {
            null => LabeledTarget,
            0 => null,
            { } rows => new LabeledDomain(
                LabeledTarget!.Inputs.narrow(0, 0, rows),
                LabeledTarget.Labels.narrow(0, 0, rows),
                LabeledTarget.Weights?.narrow(0, 0, rows),
                Space
            ),
        };

    /// <summary>What the predictor's scores mean where there is no source; null where there is one.</summary>
    internal LabelSpace? SourceFreeSpace { get; init; }

    /// <summary>
    /// All labeled domains with their names: the sources, then the labeled target examples if there are any.
    /// </summary>
    public IEnumerable<(DomainId Id, LabeledDomain Domain)> Labeled
    {
        get
        {
            for (var i = 0; i < Sources.Count; i++)
            {
                yield return (DomainId.Source(i), Sources[i]);
            }
            if (LabeledTarget is not null)
            {
                yield return (DomainId.Target, LabeledTarget);
            }
        }
    }

    /// <summary>
    /// All labeled rows as one domain, weights included (rows without weights weigh 1); a single one is returned as it
    /// is.
    /// </summary>
    /// <remarks>Opens no scope: what it concatenates belongs to the caller's scope.</remarks>
    public LabeledDomain Pooled() => DomainPool.Labeled([.. Labeled.Select(pair => pair.Domain)]);

    /// <summary>All source rows as one domain, weights included.</summary>
    /// <remarks>Opens no scope: what it concatenates belongs to the caller's scope.</remarks>
    public LabeledDomain PooledSources() => DomainPool.Labeled(Sources);

    /// <summary>The same domains with every row mapped.</summary>
    /// <param name="map">The map; each domain passes its own branch.</param>
    /// <param name="cancellation">Stops between two runs of rows.</param>
    /// <remarks>Opens no scope: the mapped rows belong to the caller's scope.</remarks>
    public DomainSet Through(IFeatureExtractor map, CancellationToken cancellation = default) =>
        Through(map, cancellation, BatchedPass.RowsAtOnce, null);

    internal DomainSet Through(IFeatureExtractor map, CancellationToken cancellation, long batchSize, Device? device)
    {
        ArgumentNullException.ThrowIfNull(map);
        TensorRows Passed(IRowSource rows, DomainId domain, Device? where) =>
            new(BatchedPass.Over(rows, map.For(domain), cancellation, batchSize, where));
        // Shards stay shards: each process maps its own rows.
        IRowSource Mapped(IRowSource rows, DomainId domain) =>
            rows is ShardedRows shards
                ? shards.With(
                    shards.ByItself(() => Passed(shards.Own, domain, device ?? PartDevice.Of(map.For(domain))))
                )
                : Passed(rows, domain, device);
        return With(
            [.. Sources.Select((source, i) => source.WithRows(Mapped(source.Rows, DomainId.Source(i))))],
            target?.With(Mapped(target.Rows, DomainId.Target)),
            LabeledTarget?.WithRows(Mapped(LabeledTarget.Rows, DomainId.Target))
        );
    }

    /// <summary>The same setting with each domain in another form.</summary>
    internal DomainSet With(
        IReadOnlyList<LabeledDomain> sources,
        UnlabeledDomain? target,
        LabeledDomain? labeledTarget
    ) =>
        new(sources, target!, labeledTarget) { SourceFreeSpace = SourceFreeSpace, GivenLabeledRows = GivenLabeledRows };

    /// <summary>The same domains with target rows that a stage has labeled, in the place of those before.</summary>
    /// <remarks>Opens no scope: what it concatenates belongs to the caller's scope.</remarks>
    internal DomainSet WithRead(LabeledDomain read)
    {
        var given = GivenLabeledTarget;
        // Rows that are read when they are needed come into memory beside the new ones.
        var inMemory = given?.WithInputs(BatchedPass.Read(given.Rows, 0, given.Count));
        return new(Sources, target!, inMemory is null ? read : DomainPool.Labeled([inMemory, read]))
        {
            SourceFreeSpace = SourceFreeSpace,
            GivenLabeledRows = given?.Count ?? 0,
        };
    }

    /// <summary>The same domains with other sources, re-weighted ones for instance.</summary>
    internal DomainSet With(IReadOnlyList<LabeledDomain> sources) => With(sources, target, LabeledTarget);
}
