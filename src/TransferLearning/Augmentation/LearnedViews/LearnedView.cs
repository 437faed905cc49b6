using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>A learned view as a plain augmentation: its parameters as they are, without gradients.</summary>
/// <param name="view">The view, trained before or by another objective of the same training.</param>
public sealed class LearnedView(ILearnedView view) : IAugmentation, IComposite
{
    private readonly ILearnedView view = view ?? throw new ArgumentNullException(nameof(view));

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [view];

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        Guard.Alive(inputs);
        using var quiet = no_grad();
        return view.Look(inputs, key);
    }
}
