using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// An augmentation drawn once more: within a step the same augmentation of the same batch is computed only once.
/// </summary>
internal sealed class AnotherLook(IAugmentation view) : IAugmentation, IComposite
{
    private readonly IAugmentation view = view;

    public IReadOnlyList<IPart> Inner => [view];

    public Tensor Apply(Tensor inputs, RandomKey key) => view.Apply(inputs, key.Child(1));

    /// <summary>Two looks at a batch: by two augmentations, or twice by one.</summary>
    public static (IAugmentation First, IAugmentation Second) Two(IAugmentation first, IAugmentation? second)
    {
        ArgumentNullException.ThrowIfNull(first);
        return (first, second is null || ReferenceEquals(first, second) ? new AnotherLook(first) : second);
    }
}
