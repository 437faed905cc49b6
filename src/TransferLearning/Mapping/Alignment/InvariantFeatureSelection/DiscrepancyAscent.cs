using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Weights of features, not negative and of norm 1 at most, at which a kernel's mean discrepancy is largest.
/// </summary>
/// <remarks>
/// Projected gradient ascent: a step by the curvature of the one before (Barzilai and Borwein 1988), halved until the
/// value has risen enough. Negative weights are set to 0 and weights that are too long are shortened: in this order
/// that is the projection onto the ball's non-negative part.
/// </remarks>
internal static class DiscrepancyAscent
{
    private const int MaxSteps = 500;
    private const double Tolerance = 1e-9;

    // The gradient goes through the root, whose slope has no bound at 0.
    private const double MinWeight = 1e-12;

    // Relative to the rows' similarity to themselves: what rounding leaves of the discrepancy of equal samples.
    private const double Rounding = 1e-12;

    /// <summary>
    /// The weights <c>[d]</c>, all 0 where the samples do not differ; they belong to the caller's scope.
    /// </summary>
    public static Tensor Of(IKernel kernel, Tensor source, Tensor target, FitContext context)
    {
        using var scope = NewDisposeScope();
        var weights = full([source.shape[1]], Math.Pow(source.shape[1], -0.5), float64, source.device);
        var root = weights.sqrt();
        var fixedKernel = kernel.FixedFor(cat([source * root, target * root]));
        var discrepancy = new MaximumMeanDiscrepancy(fixedKernel);
        var (value, gradient) = At(discrepancy, source, target, weights);
        var own = fixedKernel.Pairwise(source * root, source * root).mean();
        if (value <= Rounding * own.item<double>())
        {
            return zeros_like(weights).MoveToOuterDisposeScope();
        }
        var step = 1 / gradient.norm().clamp_min(1e-300).item<double>();
        for (var turn = 0; turn < MaxSteps; turn++)
        {
            context.Report((double)turn / MaxSteps);
            using var turnScope = NewDisposeScope();
            var next = Projected(weights + (gradient * step));
            var move = next - weights;
            var (nextValue, nextGradient) = At(discrepancy, source, target, next);
            if (move.abs().max().item<double>() < Tolerance)
            {
                break;
            }
            if (nextValue < value + (1e-4 * gradient.dot(move).item<double>()))
            {
                step /= 2;
                continue;
            }
            var curvature = move.dot(gradient - nextGradient).item<double>();
            step = curvature > 0 ? move.square().sum().item<double>() / curvature : step * 10;
            value = nextValue;
            (weights, gradient) = (next.MoveToOuterDisposeScope(), nextGradient.MoveToOuterDisposeScope());
        }
        return weights.MoveToOuterDisposeScope();
    }

    private static Tensor Projected(Tensor weights)
    {
        var positive = weights.clamp_min(MinWeight);
        return positive / positive.norm().clamp_min(1);
    }

    private static (double Value, Tensor Gradient) At(
        MaximumMeanDiscrepancy discrepancy,
        Tensor source,
        Tensor target,
        Tensor weights
    )
    {
        using var scope = NewDisposeScope();
        using var loud = enable_grad();
        var root = weights.sqrt().detach().requires_grad_();
        var value = discrepancy.Between(source * root, target * root);
        var slope = autograd.grad([value], [root])[0] / (2 * root.detach());
        return (value.item<double>(), slope.MoveToOuterDisposeScope());
    }
}
