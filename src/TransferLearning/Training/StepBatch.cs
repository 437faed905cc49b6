using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>All batches of one step.</summary>
/// <param name="sources">One batch a source.</param>
/// <param name="target">The target's batch; null in a fit without a target.</param>
/// <param name="labeledTarget">A batch of the labeled target examples, where the run has them.</param>
public sealed class StepBatch(
    IReadOnlyList<LabeledBatch> sources,
    UnlabeledBatch? target,
    LabeledBatch? labeledTarget = null
)
{
    /// <summary>One batch a source.</summary>
    public IReadOnlyList<LabeledBatch> Sources { get; } = sources;

    /// <summary>The target's batch; null in a fit without a target.</summary>
    public UnlabeledBatch? Target { get; } = target;

    /// <summary>A batch of the labeled target examples, or null.</summary>
    public LabeledBatch? LabeledTarget { get; } = labeledTarget;

    /// <summary>Every labeled batch: the sources', then the labeled target's.</summary>
    public IEnumerable<LabeledBatch> Labeled => LabeledTarget is null ? Sources : Sources.Append(LabeledTarget);

    internal IEnumerable<IBatch> All => Target is null ? Labeled : Labeled.Cast<IBatch>().Append(Target);

    /// <summary>One of several equal parts of every batch: its rows in their order.</summary>
    internal StepBatch Part(int part, int parts)
    {
        Tensor Of(Tensor rows) =>
            rows.shape[0] % parts == 0
                ? rows.narrow(0, rows.shape[0] / parts * part, rows.shape[0] / parts)
                : throw new InvalidOperationException(
                    $"a transform made a batch of {rows.shape[0]} rows, which {parts} processes cannot share evenly."
                );
        LabeledBatch Labeled(LabeledBatch batch) =>
            new(
                Of(batch.Inputs),
                Of(batch.Labels),
                batch.Domain,
                Of(batch.Rows),
                batch.Weights is { } weights ? Of(weights) : null,
                batch.Space
            );
        return new StepBatch(
            [.. Sources.Select(Labeled)],
            Target is null
                ? null
                : new UnlabeledBatch(
                    Of(Target.Inputs),
                    Target.Domain,
                    Of(Target.Rows),
                    Target.Members is { } members ? Of(members) : null
                ),
            LabeledTarget is null ? null : Labeled(LabeledTarget)
        );
    }

    /// <summary>The same batches with images whose channels are innermost in memory.</summary>
    internal StepBatch WithChannelsLast()
    {
        // TorchSharp has no 'channels last' to convert to: these strides are what libtorch knows it by.
        static Tensor Of(Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        static LabeledBatch Labeled(LabeledBatch batch) => batch.With(Of(batch.Inputs), batch.Labels);
        return new StepBatch(
            [.. Sources.Select(Labeled)],
            Target?.With(Of(Target.Inputs)),
            LabeledTarget is null ? null : Labeled(LabeledTarget)
        );
    }
}
