using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// A way to look at inputs: a weak or strong augmentation. Within a step the same view of the same batch is computed
/// once.
/// </summary>
public interface IAugmentation : IPart, IPlanned
{
    /// <summary>Looks at some inputs.</summary>
    /// <param name="inputs">The inputs <c>[n, ...]</c>; they stay as they are.</param>
    /// <param name="key">The randomness of this look.</param>
    /// <returns>As many rows, changed.</returns>
    Tensor Apply(Tensor inputs, RandomKey key);
}
