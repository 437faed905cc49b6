using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>An augmentation with trained parameters: a look at inputs that gradients pass.</summary>
/// <remarks>
/// What it may do at most is bounded by its making, so that training it against the network ends where its bounds are.
/// As a plain augmentation it stands in <see cref="LearnedView"/>.
/// </remarks>
public interface ILearnedView : IPart, ITrainable
{
    /// <summary>Looks at some inputs.</summary>
    /// <param name="inputs">The inputs <c>[n, ...]</c>; they stay as they are.</param>
    /// <param name="key">The randomness of this look.</param>
    /// <returns>
    /// As many rows of the same shape, changed; differentiable in the inputs and in the parameters. The caller disposes
    /// them.
    /// </returns>
    Tensor Look(Tensor inputs, RandomKey key);
}
