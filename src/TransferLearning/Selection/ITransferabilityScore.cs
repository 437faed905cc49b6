using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Says from a pretrained network's features of labeled target rows how well a classifier on that network will do,
/// without training one: ranks networks, or the layers of one.
/// </summary>
/// <remarks>Higher is better. Figures of one score can be compared for the same rows and labels alone.</remarks>
public interface ITransferabilityScore
{
    /// <summary>The score's name in reports.</summary>
    string Name => GetType().Name;

    /// <summary>Scores features for some labels.</summary>
    /// <param name="features">The network's features <c>[n, d]</c> of the target's rows.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    double Of(Tensor features, Tensor labels);
}
