using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>The multilinear map: all products of a row's features and its class probabilities.</summary>
/// <remarks>Long, Cao, Wang and Jordan 2018, "Conditional Adversarial Domain Adaptation", equation 5.</remarks>
public static class MultilinearMap
{
    /// <summary>
    /// <c>h_(c d + k) = p_c f_k</c>: one copy of the features for each class, as long as the class is likely.
    /// </summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="probabilities">Class probabilities <c>[n, C]</c>.</param>
    /// <returns>Rows <c>[n, C d]</c>, classes outermost, differentiable in both; the caller disposes them.</returns>
    public static Tensor Of(Tensor features, Tensor probabilities)
    {
        Check(features, probabilities);
        using var scope = NewDisposeScope();
        return (probabilities.unsqueeze(2) * features.unsqueeze(1)).flatten(1).MoveToOuterDisposeScope();
    }

    internal static void Check(Tensor features, Tensor probabilities)
    {
        Guard.Rows(features);
        Guard.Rows(probabilities);
        if (features.shape[0] != probabilities.shape[0])
        {
            throw new ArgumentException(
                $"probabilities must have a row for each row of features {Shape.Of(features)}; got "
                    + $"{Shape.Of(probabilities)}.",
                nameof(probabilities)
            );
        }
    }
}
