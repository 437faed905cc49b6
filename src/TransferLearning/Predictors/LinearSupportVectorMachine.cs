using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A linear support vector machine (linear SVM) with the squared hinge loss, one class against the rest, weighted.
/// </summary>
/// <remarks>
/// Minimizes for every class c <c>sum_i w_i max(0, 1 - y_ic (x_i W_c + b_c))^2 + s^2 ||W_c||^2 / (2 C)</c>, with
/// <c>y_ic</c> 1 for rows of the class and -1 for all others, weights with mean 1, s^2 the rows' mean squared distance
/// from their mean: C means the same in any unit. The scores are the margins <c>x W + b</c>; the class with the largest
/// one is predicted. Where a row may have any of several labels, <c>y_ic</c> is 1 for those that it has. With <see
/// cref="PenaltyScale.Absolute"/> the factor s^2 is left out, and with <see cref="PenalizesIntercept"/> it is
/// LIBLINEAR's L2-loss machine (Fan, Chang, Hsieh, Wang and Lin 2008), scikit-learn's <c>LinearSVC</c>. Solved in
/// float64 by limited-memory BFGS, to a largest gradient entry of <see cref="Tolerance"/> times n for rows divided by
/// s.
/// </remarks>
public sealed record LinearSupportVectorMachine : ILabelLearner
{
    /// <summary>The inverse strength C of the penalty. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double InversePenalty { get; init; } = 1;

    /// <summary>Whether the penalty is measured in the rows' total variance s^2. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>
    /// Whether the intercept costs <c>b_c^2 / (2 C)</c>, as LIBLINEAR has it: then the result hangs on where the rows
    /// lie. Default false.
    /// </summary>
    public bool PenalizesIntercept { get; init; }

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
        LabelTargets.RefuseValues(data, "A support vector machine");
        using var scope = NewDisposeScope();
        var signs = (LabelTargets.Of(data, float64) * 2) - 1;
        return new PenalizedLinearFit(
            nameof(LinearSupportVectorMachine),
            InversePenalty,
            PenaltyScale,
            Tolerance,
            MaxSteps,
            PenalizesIntercept
        ).Of(
            data,
            scores =>
            {
                var shortfall = (1 - (signs * scores)).clamp_min(0);
                return (shortfall.square().sum(1, keepdim: true), signs * shortfall * -2);
            }
        );
    }
}
