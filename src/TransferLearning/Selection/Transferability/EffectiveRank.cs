using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>RankMe: over how many directions the features spread. It needs no labels.</summary>
/// <remarks>
/// <c>exp(-sum_k p_k log p_k)</c> of the singular values' shares <c>p_k = s_k / sum s + 1e-7</c> of the features, not
/// centered (Garrido, Balestriero, Najman and LeCun 2023, "RankMe"). Between 1 and the smaller of n and d. It tells
/// collapsed self-supervised features from others; of networks of different widths it says little.
/// </remarks>
public static class EffectiveRank
{
    /// <summary>Measures features.</summary>
    /// <param name="features">The features <c>[n, d]</c>.</param>
    /// <param name="epsilon">What is added to every share.</param>
    public static double Of(Tensor features, double epsilon = 1e-7)
    {
        Guard.Rows(features);
        Guard.NotNegative(epsilon);
        using var scope = NewDisposeScope();
        var values = linalg.svdvals(features.detach().to(float64));
        var shares = (values / values.sum()).nan_to_num(0) + epsilon;
        return (shares * shares.clamp_min(double.Epsilon).log()).sum().neg().exp().item<double>();
    }
}
