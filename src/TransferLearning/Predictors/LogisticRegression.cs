using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// Multinomial logistic regression with a squared penalty, weighted; for rows of any of several labels one regression
/// a label.
/// </summary>
/// <remarks>
/// Minimizes <c>sum_i w_i CE(x_i W + b, y_i) + s^2 ||W||^2 / (2 C)</c>, weights with mean 1, the intercept unpenalized,
/// s^2 the rows' mean squared distance from their mean: as if the rows had been divided by s, so that C means the same
/// in any unit. Where a row may have any of several labels, CE is the sum of their binary cross-entropies, and each
/// label's probability is the logistic function of its score. With <see cref="PenaltyScale.Absolute"/> the factor s^2
/// is left out: scikit-learn's definition and its <c>C</c>. Solved in float64 by limited-memory BFGS (Nocedal 1980)
/// with a backtracking line search, to a largest gradient entry of <see cref="Tolerance"/> times n for rows divided by
/// s.
/// </remarks>
public sealed record LogisticRegression : ILabelLearner
{
    /// <summary>The inverse strength C of the penalty. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double InversePenalty { get; init; } = 1;

    /// <summary>Whether the penalty is measured in the rows' total variance s^2. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>The largest entry of the mean gradient at which the fit ends. Default 1e-6.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most steps. Default 500.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 500;

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(this);
        LabelTargets.RefuseValues(data, "Logistic regression");
        using var scope = NewDisposeScope();
        var y = LabelTargets.Of(data, float64);
        return new PenalizedLinearFit(nameof(LogisticRegression), InversePenalty, PenaltyScale, Tolerance, MaxSteps).Of(
            data,
            scores =>
            {
                if (data.Space.IsMultiLabel)
                {
                    var losses = nn.functional.softplus(scores) - (y * scores);
                    return (losses.sum(1, keepdim: true), scores.sigmoid() - y);
                }
                var logs = scores.log_softmax(1);
                return ((y * logs).sum(1, keepdim: true).neg(), logs.exp() - y);
            }
        );
    }
}
