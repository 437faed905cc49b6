using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>The gradient penalty that keeps a critic near slope 1.</summary>
public static class GradientPenalty
{
    /// <summary>
    /// <c>mean_i (||grad D(x_i)||_2 - 1)^2</c> (Gulrajani et al. 2017, "Improved Training of Wasserstein GANs",
    /// equation 3), without its coefficient.
    /// </summary>
    /// <param name="judge">The critic D, rows to one number each.</param>
    /// <param name="points">Points <c>[n, d]</c> at which the slope is taken; they are treated as constants.</param>
    /// <returns>A scalar, differentiable in the critic's parameters; the caller disposes it.</returns>
    public static Tensor Of(Func<Tensor, Tensor> judge, Tensor points)
    {
        ArgumentNullException.ThrowIfNull(judge);
        Guard.Alive(points);
        using var scope = NewDisposeScope();
        var leaves = points.detach().requires_grad_();
        var judged = judge(leaves).sum();
        var slope = autograd.grad([judged], [leaves], retain_graph: true, create_graph: true)[0];
        // The tiny floor keeps the root differentiable where a critic is flat; it is far below rounding elsewhere.
        var norms = slope.reshape(points.shape[0], -1).square().sum(1).clamp_min(1e-24).sqrt();
        return (norms - 1).square().mean().MoveToOuterDisposeScope();
    }
}
