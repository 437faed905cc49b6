using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Regular transfer of a linear model: few rows move a model of other rows, which is held near what it was.
/// </summary>
/// <remarks>
/// Classes: <c>sum_i w_i CE(x_i W + b, y_i) + s^2 ||W - W0||^2 / (2 C)</c>; values:
/// <c>sum_i w_i ||x_i W + b - y_i||^2 + s^2 ||W - W0||^2 / C</c>; weights with mean 1, the intercept free, s^2 the
/// rows' mean squared distance from their mean, left out with <see cref="PenaltyScale.Absolute"/> (Chelba and Acero
/// 2004, "Adaptation of Maximum Entropy Capitalizer", for a Gaussian prior around the first model; ADAPT's
/// RegularTransferLC fits one-hot values by squares). A large C forgets the first model, a small one keeps it but for
/// its intercept.
/// </remarks>
/// <param name="Start">
/// The first model: what ridge or logistic regression gave for other rows of the same features and labels. The caller
/// keeps it.
/// </param>
public sealed record RegularTransfer(LinearPredictor Start) : ILabelLearner
{
    /// <summary>The first model.</summary>
    public LinearPredictor Start { get; } = Start ?? throw new ArgumentNullException(nameof(Start));

    /// <summary>The inverse strength C of the pull toward the first model, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double InversePenalty { get; init; } = 1;

    /// <summary>Whether the pull is measured in the rows' total variance s^2. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>The largest entry of the mean gradient at which the fit of classes ends. Default 1e-6.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most steps of a fit of classes. Default 500.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 500;

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(this);
        Guard.Fitted(data.Inputs, Start.Weight.shape[0]);
        if (Start.Weight.shape[1] != data.Space.Width)
        {
            throw new ArgumentException(
                $"the first model gives {Start.Weight.shape[1]} number(s) a row, and the labels are "
                    + $"{data.Space}: both must be of the same classes or values.",
                nameof(data)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var before = Start.Predict(data.Inputs.to(float64).to(Start.Weight.device)).to(data.Inputs.device);
        using var change = data.Space.IsClasses ? OfClasses(data, before) : OfValues(data, before);
        return new LinearPredictor(
            Start.Weight.to(change.Weight.device) + change.Weight,
            Start.Bias.to(change.Bias.device) + change.Bias,
            data.Space.IsClasses ? ScoreKind.Logits : ScoreKind.Values
        );
    }

    private LinearPredictor OfClasses(LabeledDomain data, Tensor before)
    {
        var y = LabelTargets.Of(data, float64);
        return new PenalizedLinearFit(nameof(RegularTransfer), InversePenalty, PenaltyScale, Tolerance, MaxSteps).Of(
            data,
            scores =>
            {
                var logs = (scores + before).log_softmax(1);
                return ((y * logs).sum(1, keepdim: true).neg(), logs.exp() - y);
            }
        );
    }

    // What the first model leaves over, by ridge regression.
    private LinearPredictor OfValues(LabeledDomain data, Tensor before)
    {
        var rest = new LabeledDomain(
            data.Inputs.to(float64),
            LabelTargets.Of(data, float64) - before,
            data.Weights,
            data.Space
        );
        return (LinearPredictor)new RidgeRegression(1 / InversePenalty) { PenaltyScale = PenaltyScale }.Fit(rest);
    }
}
