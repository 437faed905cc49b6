namespace TransferLearning.Training;

/// <summary>All batches of one step.</summary>
/// <param name="sources">One batch a source.</param>
/// <param name="target">The target's batch.</param>
/// <param name="labelledTarget">A batch of the labelled target examples, where the run has them.</param>
public sealed class StepBatch(
    IReadOnlyList<LabelledBatch> sources,
    UnlabelledBatch target,
    LabelledBatch? labelledTarget = null
)
{
    /// <summary>One batch a source.</summary>
    public IReadOnlyList<LabelledBatch> Sources { get; } = sources;

    /// <summary>The target's batch.</summary>
    public UnlabelledBatch Target { get; } = target;

    /// <summary>A batch of the labelled target examples, or null.</summary>
    public LabelledBatch? LabelledTarget { get; } = labelledTarget;

    /// <summary>Every labelled batch: the sources', then the labelled target's.</summary>
    public IEnumerable<LabelledBatch> Labelled => LabelledTarget is null ? Sources : Sources.Append(LabelledTarget);

    internal IEnumerable<IBatch> All => Labelled.Cast<IBatch>().Append(Target);
}
