using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// Minimises <c>sum_i w_i L(x_i W + b, y_i) + ||W||^2 / (2 C)</c> for a smooth loss L of the scores, weights with mean 1, the intercept b
/// unpenalized; in float64, by limited-memory BFGS (Nocedal 1980).
/// </summary>
/// <param name="inversePenalty">C.</param>
/// <param name="tolerance">The largest entry of the mean gradient at which the fit ends.</param>
/// <param name="mostSteps">The most steps.</param>
internal readonly struct PenalizedLinearFit(double inversePenalty, double tolerance, int mostSteps)
{
    private readonly double inversePenalty = inversePenalty;

    /// <summary>Fits classes.</summary>
    /// <param name="data">The rows, their classes and weights.</param>
    /// <param name="loss">Scores <c>[n, classes]</c> to each row's loss <c>[n, 1]</c> and its slope by the scores <c>[n, classes]</c>.</param>
    public LinearPredictor Of(LabelledDomain data, Func<Tensor, (Tensor Loss, Tensor Slope)> loss)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = data.Inputs.to(float64);
        var w = (data.Weights ?? ones(data.Count, device: x.device)).to(float64);
        w = (w / w.mean()).unsqueeze(1);
        var (d, classes, n, c) = (x.shape[1], (long)data.Space.Width, (double)x.shape[0], inversePenalty);
        (Tensor, Tensor) Objective(Tensor flat)
        {
            var weight = flat.narrow(0, 0, d * classes).reshape(d, classes);
            var (losses, slope) = loss(addmm(flat.narrow(0, d * classes, classes), x, weight, beta: 1, alpha: 1));
            var value = (losses * w).sum() + (weight.square().sum() / (2 * c));
            var pull = slope * w;
            var gradient = cat([(x.t().matmul(pull) + (weight / c)).reshape(-1), pull.sum(dim: 0)]);
            return (value / n, gradient / n);
        }
        var start = zeros([(d * classes) + classes], float64, x.device);
        var solution = LimitedMemoryBfgs.Minimise(Objective, start, tolerance, mostSteps);
        return new LinearPredictor(
            solution.narrow(0, 0, d * classes).reshape(d, classes).to(data.Inputs.dtype),
            solution.narrow(0, d * classes, classes).to(data.Inputs.dtype)
        );
    }
}
