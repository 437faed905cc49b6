using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Several augmentations, one after the other, each with randomness of its own.</summary>
/// <param name="steps">The augmentations in their order, at least one.</param>
public sealed class AugmentationSequence(params IReadOnlyList<IAugmentation> steps) : IAugmentation
{
    /// <summary>The augmentations in their order.</summary>
    public IReadOnlyList<IAugmentation> Steps { get; } =
        steps is { Count: > 0 } && steps.All(step => step is not null)
            ? [.. steps]
            : throw new ArgumentException("steps must hold at least one augmentation, and no null.", nameof(steps));

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        using var scope = NewDisposeScope();
        var looked = inputs;
        for (var i = 0; i < Steps.Count; i++)
        {
            looked = Steps[i].Apply(looked, key.Child(i));
        }
        return looked.MoveToOuterDisposeScope();
    }
}
