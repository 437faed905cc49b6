using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>Multinomial logistic regression with a squared penalty, weighted.</summary>
/// <remarks>
/// Minimises <c>sum_i w_i CE(x_i W + b, y_i) + ||W||^2 / (2 C)</c>, weights with mean 1, the intercept unpenalised: scikit-learn's
/// definition and its <c>C</c>. Solved in float64 by limited-memory BFGS (Nocedal 1980) with a backtracking line search,
/// to a largest gradient entry of <see cref="Tolerance"/> times n.
/// </remarks>
public sealed record LogisticRegression : ILabelLearner
{
    /// <summary>The inverse strength C of the penalty. Default 1.</summary>
    public double InversePenalty { get; init; } = 1;

    /// <summary>The largest entry of the mean gradient at which the fit ends. Default 1e-6.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most steps. Default 500.</summary>
    public int MostSteps { get; init; } = 500;

    /// <inheritdoc />
    public ILabelPredictor Fit(LabelledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Positive(InversePenalty);
        Guard.NotNegative(Tolerance);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostSteps, 1);
        if (!data.Space.IsClasses)
        {
            throw new ArgumentException(
                $"Logistic regression classifies; the labels are {data.Space}. Use RidgeRegression.",
                nameof(data)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = data.Inputs.to(float64);
        var y = LabelTargets.Of(data, float64);
        var w = RelativeWeights.Of(data).unsqueeze(1);
        var (d, classes, n) = (x.shape[1], y.shape[1], (double)x.shape[0]);
        (Tensor, Tensor) Objective(Tensor flat)
        {
            var weight = flat.narrow(0, 0, d * classes).reshape(d, classes);
            var scores = addmm(flat.narrow(0, d * classes, classes), x, weight, beta: 1, alpha: 1);
            var logs = scores.log_softmax(1);
            var value =
                ((y * logs).sum(1, keepdim: true) * w).sum().neg() + (weight.square().sum() / (2 * InversePenalty));
            var pull = (logs.exp() - y) * w;
            var gradient = cat([(x.t().matmul(pull) + (weight / InversePenalty)).reshape(-1), pull.sum(dim: 0)]);
            return (value / n, gradient / n);
        }
        var start = zeros([(d * classes) + classes], float64, x.device);
        var solution = LimitedMemoryBfgs.Minimise(Objective, start, Tolerance, MostSteps);
        return new LinearPredictor(
            solution.narrow(0, 0, d * classes).reshape(d, classes),
            solution.narrow(0, d * classes, classes)
        );
    }
}
