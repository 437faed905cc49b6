using TransferLearning.Internal;
using TransferLearning.Training;

namespace TransferLearning.Augmentation;

/// <summary>
/// Lets the network see augmented rows only: every labeled batch of a step, and on request the target's.
/// </summary>
/// <remarks>Labels and weights stay. Objectives that ask for views of their own see them on top of this one.</remarks>
/// <param name="view">The augmentation.</param>
public sealed class AugmentedInputs(IAugmentation view) : IBatchTransform
{
    private readonly IAugmentation view = view ?? throw new ArgumentNullException(nameof(view));

    /// <summary>Whether the target's unlabeled batch is augmented, too. Default false.</summary>
    public bool IncludesTarget { get; init; }

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => IncludesTarget ? plan.Target() : [];

    /// <inheritdoc />
    public StepBatch Apply(StepBatch batch, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Options(this);
        var number = 0;
        LabeledBatch Seen(LabeledBatch one) => one.With(view.Apply(one.Inputs, key.Child(number++)), one.Labels);
        LabeledBatch[] sources = [.. batch.Sources.Select(Seen)];
        var few = batch.LabeledTarget is { } labeled ? Seen(labeled) : null;
        var target = batch.Target;
        return new StepBatch(
            sources,
            IncludesTarget && target is not null ? target.With(view.Apply(target.Inputs, key.Child(number))) : target,
            few
        );
    }
}
