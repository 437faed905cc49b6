using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Probabilities that can be taken at their word on the target: one temperature for all logits, chosen by labeled
/// source rows that are weighed to the target.
/// </summary>
/// <remarks>
/// <para>
/// Labeled source rows that no fit has seen calibrate. Their weight is <c>w = n p(target | z) / (m p(source | z))</c>
/// of the model's features z, by <see cref="Classifier"/>, fitted to the n calibration rows and the target's m rows; a
/// probability counts as at least <c>1 / (n + m)</c>. The authors fit it to rows that the source was learned from, as
/// many of each domain.
/// </para>
/// <para>
/// <see cref="CalibrationRule.Transferable"/>: with <c>v = w^Exponent</c>, the errors e (0 or 1) and the confidence a
/// of the source under its own best temperature, the target's error is estimated by <c>mean(v e) + b_1 (mean v - 1) +
/// b_2 (1 - mean e - a)</c>, <c>b_1 = -cov(v e, v) / var v</c> and <c>b_2 = -cov(v e + b_1 (v - 1), 1 - e) / var e</c>;
/// T is the least temperature, from 1 on, at which the target's mean largest probability is no more than one minus that
/// (Wang, Long, Wang and Jordan 2020, "Transferable Calibration with Lower Bias and Variance in Domain Adaptation").
/// The paper chooses the exponent together with T, where no choice is the only best one; its program begins at 0.5,
/// which is the default here.
/// </para>
/// <para>
/// <see cref="CalibrationRule.WeightedBrier"/>: T minimizes <c>mean w sum_c (p_c - y_c)^2</c> (Park, Bastani, Weimer
/// and Lee 2020, "Calibrated Prediction with Covariate Shift via Unsupervised Domain Adaptation", by temperature as in
/// the comparison of Wang et al.). <see cref="CalibrationRule.Source"/>: T minimizes the cross-entropy (Guo, Pleiss,
/// Sun and Weinberger 2017). Temperatures lie between 0.01 and 1,000. All is computed in float64.
/// </para>
/// <para>
/// Weights are right where classes follow from the features alike in both domains, and where these overlap. Measure by
/// <see cref="Evaluation.ExpectedCalibrationError"/> where there are target labels.
/// </para>
/// </remarks>
public sealed record TemperatureScaling
{
    private const double Least = 0.01;
    private const double Most = 1000;

    /// <summary>What the temperature is chosen by. Default <see cref="CalibrationRule.Transferable"/>.</summary>
    public CalibrationRule Rule { get; init; }

    /// <summary>
    /// The exponent of the weights under <see cref="CalibrationRule.Transferable"/>, from 0, no weights, to 1. Default
    /// 0.5.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Exponent { get; init; } = 0.5;

    /// <summary>The classifier that tells the domains apart. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>Calibrates a model.</summary>
    /// <param name="model">A fitted classifier. It stays the caller's, and must live as long as the result.</param>
    /// <param name="calibration">
    /// Labeled rows of the (first) source that no fit has seen, without weights: a few hundred.
    /// </param>
    /// <param name="target">Rows of the domain that the probabilities are for.</param>
    /// <returns>The model with its temperature.</returns>
    /// <exception cref="ArgumentException">
    /// The calibration's labels are not the model's classes, or it has weights.
    /// </exception>
    public CalibratedModel Fit(AdaptedModel model, LabeledDomain calibration, UnlabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Options(this);
        ConformalPrediction.Check(model, calibration);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var source = CalibratedModel.Logits(model, model.Predict(calibration.Inputs, DomainId.Source(0))).to(float64);
        if (source.shape[1] != calibration.Space.Width)
        {
            throw new ArgumentException(
                $"calibration must have the model's {source.shape[1]} classes; it has {calibration.Space}.",
                nameof(calibration)
            );
        }
        var labels = calibration.Labels.to(source.device);
        if (Rule == CalibrationRule.Source)
        {
            return new CalibratedModel(model, OfSource(source, labels));
        }
        var weights = Weights(model, calibration, target).to(source.device);
        var temperature = Rule switch
        {
            CalibrationRule.WeightedBrier => Minimum(t => Brier(source / t, labels, weights)),
            CalibrationRule.Transferable => OfTarget(
                source,
                labels,
                CalibratedModel.Logits(model, model.Predict(target.Inputs)).to(float64),
                weights.pow(Exponent)
            ),
            _ => throw new InvalidOperationException($"Rule {Rule} is no known rule."),
        };
        return new CalibratedModel(model, temperature);
    }

    /// <summary>
    /// The target's error as the weighted errors of source rows estimate it, by
    /// <see cref="CalibrationRule.Transferable"/>.
    /// </summary>
    /// <param name="errors">1 for a row that the model reads wrongly, 0 for another <c>[n]</c>, n at least 2.</param>
    /// <param name="weights">The rows' weights v <c>[n]</c>, not negative.</param>
    /// <param name="confidence">The mean largest probability a of the source rows, calibrated.</param>
    /// <returns>The estimate, from 0 to 1.</returns>
    public static double TargetError(Tensor errors, Tensor weights, double confidence)
    {
        Guard.Alive(errors);
        Guard.Alive(weights);
        if (errors.dim() != 1 || errors.shape[0] < 2 || !errors.shape.SequenceEqual(weights.shape))
        {
            throw new ArgumentException(
                $"errors and weights must be one number a row, [n], n at least 2; got {Shape.Of(errors)} and "
                    + $"{Shape.Of(weights)}.",
                nameof(errors)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (e, v) = (errors.to(float64), weights.to(errors.device).to(float64));
        var first = v * e;
        var b1 = Slope(first, v);
        var second = first + ((v - 1) * b1);
        var right = 1 - e;
        var b2 = Slope(second, right);
        var estimate = second.mean() + ((right.mean() - confidence) * b2);
        return Math.Clamp(estimate.ToDouble(), 0, 1);
    }

    // Without rows that differ there is nothing to correct by.
    private static Tensor Slope(Tensor x, Tensor variate)
    {
        var centered = variate - variate.mean();
        var squares = centered.square().sum();
        var isVaried = squares > variate.square().sum() * 1e-18; // less is rounding
        var slope = -(centered * (x - x.mean())).sum() / where(isVaried, squares, ones_like(squares));
        return where(isVaried, slope, zeros_like(squares));
    }

    private static double OfSource(Tensor logits, Tensor labels) =>
        Minimum(t => nn.functional.cross_entropy(logits / t, labels));

    private static double OfTarget(Tensor source, Tensor labels, Tensor target, Tensor weights)
    {
        var errors = source.argmax(1).ne(labels).to(float64);
        var confidence = Confidence(source, OfSource(source, labels));
        var accuracy = 1 - TargetError(errors, weights, confidence);
        if (Confidence(target, 1) <= accuracy)
        {
            return 1;
        }
        // The mean confidence falls with the temperature.
        var (least, most) = (0.0, Math.Log(Most));
        for (var i = 0; i < 60; i++)
        {
            Canceling.Check();
            var middle = (least + most) / 2;
            (least, most) = Confidence(target, Math.Exp(middle)) > accuracy ? (middle, most) : (least, middle);
        }
        return Math.Exp(most);
    }

    private static double Confidence(Tensor logits, double temperature)
    {
        using var scope = NewDisposeScope();
        return (logits / temperature).softmax(1).amax([1L]).mean().ToDouble();
    }

    private static Tensor Brier(Tensor logits, Tensor labels, Tensor weights)
    {
        var right = nn.functional.one_hot(labels, logits.shape[1]).to(logits.dtype);
        return ((logits.softmax(1) - right).square().sum(1) * weights).mean();
    }

    // On a grid of logarithms, then by golden sections around its best point.
    private static double Minimum(Func<double, Tensor> loss)
    {
        double At(double log)
        {
            Canceling.Check();
            using var scope = NewDisposeScope();
            return loss(Math.Exp(log)).ToDouble();
        }
        const int Steps = 60;
        var (first, last) = (Math.Log(Least), Math.Log(Most));
        var width = (last - first) / Steps;
        var best = Enumerable.Range(0, Steps + 1).Select(i => first + (i * width)).MinBy(At);
        var (a, b) = (Math.Max(first, best - width), Math.Min(last, best + width));
        var golden = (Math.Sqrt(5) - 1) / 2;
        var (c, d) = (b - (golden * (b - a)), a + (golden * (b - a)));
        var (atC, atD) = (At(c), At(d));
        for (var i = 0; i < 50; i++)
        {
            if (atC <= atD)
            {
                (b, d, atD) = (d, c, atC);
                c = b - (golden * (b - a));
                atC = At(c);
            }
            else
            {
                (a, c, atC) = (c, d, atD);
                d = a + (golden * (b - a));
                atD = At(d);
            }
        }
        return Math.Exp((a + b) / 2);
    }

    private Tensor Weights(AdaptedModel model, LabeledDomain calibration, UnlabeledDomain target)
    {
        var features = model.Features(calibration.Inputs, DomainId.Source(0));
        using var ratio = FeatureRatio.Fit(Classifier, features, model.Features(target.Inputs));
        return ratio.Of(features);
    }
}
