using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// The gradient reversal layer: the identity forward, the gradient times <c>-coefficient</c> backward.
/// </summary>
/// <remarks>Ganin and Lempitsky 2015, "Unsupervised Domain Adaptation by Backpropagation".</remarks>
public static class GradientReversal
{
    /// <summary>Passes features on and turns their gradient round.</summary>
    /// <param name="features">Any tensor.</param>
    /// <param name="coefficient">The factor of the reversed gradient, not negative.</param>
    /// <returns>A tensor equal to <paramref name="features"/>, bit for bit; the caller disposes it.</returns>
    public static Tensor Apply(Tensor features, double coefficient)
    {
        Guard.Alive(features);
        Guard.NotNegative(coefficient);
        return ReversedGradient.Of(features, coefficient);
    }
}
