using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>What a critic of patches and the generator against it minimize, from logits.</summary>
public static class PatchAdversary
{
    /// <summary>
    /// What the critic minimizes: half of <see cref="DomainAdversary.Loss"/> with real images in the source's place,
    /// <c>(mean (D_real - 1)^2 + mean D_fake^2) / 2</c> by least squares, over images and patches.
    /// </summary>
    /// <param name="real">Logits of real images <c>[n, ...]</c>.</param>
    /// <param name="fake">Logits of made images <c>[m, ...]</c>.</param>
    /// <param name="criterion">What the critic minimizes. Default least squares.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public static Tensor Critic(Tensor real, Tensor fake, CriticLoss criterion = CriticLoss.LeastSquares)
    {
        Guard.Alive(real);
        Guard.Alive(fake);
        using var scope = NewDisposeScope();
        return (DomainAdversary.Loss(real, fake, criterion: criterion) / 2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What the generator minimizes, so that its images pass for real: <c>mean (D_fake - 1)^2</c> by least squares,
    /// <c>mean softplus(-D_fake)</c> by cross-entropy, <c>-mean D_fake</c> by hinge, over images and patches.
    /// </summary>
    /// <param name="fake">Logits of made images <c>[n, ...]</c>.</param>
    /// <param name="criterion">What the critic minimizes. Default least squares.</param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public static Tensor Generator(Tensor fake, CriticLoss criterion = CriticLoss.LeastSquares)
    {
        Guard.Alive(fake);
        using var scope = NewDisposeScope();
        var losses = criterion switch
        {
            CriticLoss.LeastSquares => (fake - 1).square(),
            CriticLoss.CrossEntropy => nn.functional.softplus(fake.neg()),
            CriticLoss.Hinge => fake.neg(),
            _ => throw new ArgumentOutOfRangeException(nameof(criterion), criterion, "is not a known critic loss."),
        };
        return losses.mean().MoveToOuterDisposeScope();
    }
}
