using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>Decides which rows are of none of the known classes.</summary>
public interface IUnknownRule : IPart
{
    /// <summary>By how much "unknown" stands above a row's best known class.</summary>
    /// <param name="features">The predictor's input <c>[n, d]</c>.</param>
    /// <param name="logs">The log-probabilities of the known classes <c>[n, C]</c>, finite.</param>
    /// <returns>
    /// Differences of logits <c>[n]</c>: positive where a row is unknown. They belong to the caller.
    /// </returns>
    Tensor Margin(Tensor features, Tensor logs);
}
