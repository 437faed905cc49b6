using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// Minimizes <c>sum_i w_i L(x_i W + b, y_i) + lambda ||W||^2 / 2</c> for a smooth loss L of the scores, weights with
/// mean 1, <c>lambda = s^2 / C</c> (relative) or <c>1 / C</c> (absolute); in float64, by limited-memory BFGS (Nocedal
/// 1980) on rows that are centered and divided by their spread s, so that neither an offset nor the unit of the rows
/// touches its convergence. The intercept b is not penalized, or costs <c>b^2 / (2 C)</c>.
/// </summary>
/// <param name="learner">Whose fit it is, for a warning where the steps do not do.</param>
/// <param name="inversePenalty">C.</param>
/// <param name="scale">What C is measured in.</param>
/// <param name="tolerance">The largest entry of the mean gradient, for rows of spread 1, at which the fit ends.</param>
/// <param name="maxSteps">The most steps.</param>
/// <param name="penalizesIntercept">Whether the intercept costs something.</param>
internal sealed class PenalizedLinearFit(
    string learner,
    double inversePenalty,
    PenaltyScale scale,
    double tolerance,
    int maxSteps,
    bool penalizesIntercept = false
)
{
    /// <summary>Fits classes.</summary>
    /// <param name="data">The rows, their classes and weights.</param>
    /// <param name="loss">
    /// Scores <c>[n, classes]</c> to each row's loss <c>[n, 1]</c> and its slope by the scores <c>[n, classes]</c>.
    /// </param>
    public LinearPredictor Of(LabeledDomain data, Func<Tensor, (Tensor Loss, Tensor Slope)> loss)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = WeightedRows.Of(data);
        var x = rows.Centered / rows.Spread;
        var w = rows.Weights.unsqueeze(1);
        var (d, classes, n) = (x.shape[1], (long)data.Space.Width, (double)x.shape[0]);
        var lambda =
            scale == PenaltyScale.Relative ? 1 / inversePenalty : 1 / inversePenalty / (rows.Spread * rows.Spread);
        var center = (rows.Mean / rows.Spread).unsqueeze(1);
        (Tensor, Tensor) Objective(Tensor flat)
        {
            var weight = flat.narrow(0, 0, d * classes).reshape(d, classes);
            var ofCentered = flat.narrow(0, d * classes, classes);
            var (losses, slope) = loss(addmm(ofCentered, x, weight, beta: 1, alpha: 1));
            var value = (losses * w).sum() + (weight.square().sum() * (lambda / 2));
            var pull = slope * w;
            var (ofWeight, ofIntercept) = (x.t().matmul(pull) + (weight * lambda), pull.sum(dim: 0));
            if (penalizesIntercept)
            {
                var push = (ofCentered - (center * weight).sum(dim: 0)) / inversePenalty;
                value += push.square().sum() * (inversePenalty / 2);
                (ofWeight, ofIntercept) = (ofWeight - (center * push), ofIntercept + push);
            }
            return (value / n, cat([ofWeight.reshape(-1), ofIntercept]) / n);
        }
        var start = zeros([(d * classes) + classes], float64, x.device);
        var solution = LimitedMemoryBfgs.Minimize(Objective, start, tolerance, maxSteps, learner);
        var ofSpreadOne = solution.narrow(0, 0, d * classes).reshape(d, classes);
        return rows.Predictor(ofSpreadOne / rows.Spread, solution.narrow(0, d * classes, classes), ScoreKind.Logits);
    }
}
