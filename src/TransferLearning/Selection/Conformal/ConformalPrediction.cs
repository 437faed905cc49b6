using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Sets of classes that hold the right one with a given probability on the target: split conformal prediction, with
/// weights where the inputs have shifted.
/// </summary>
/// <remarks>
/// <para>
/// Labeled source rows that no fit has seen calibrate: the score of row i is <c>s_i = 1 - p(y_i | x_i)</c> by the
/// model's probabilities (Sadinle, Lei and Wasserman 2019, "Least Ambiguous Set-Valued Classifiers"). The set of a new
/// row x holds the classes with <c>1 - p(y | x) &lt;= q(x)</c>, where q(x) is the least score whose rows, and all with
/// lower scores, have at least <see cref="Confidence"/> of the weight <c>sum_i w(x_i) + w(x)</c>; where even all rows
/// together have less, the set holds every class (Tibshirani, Barber, Candes and Ramdas 2019, "Conformal Prediction
/// Under Covariate Shift", corollary 1). The weight is <c>w = p(target | z) / p(source | z)</c> of the model's features
/// z, by <see cref="Classifier"/>, fitted to the calibration rows and the target's; a probability of n + m rows counts
/// as at least <c>1 / (n + m)</c>.
/// </para>
/// <para>
/// With the true weights the right class is in the set with at least <see cref="Confidence"/>, whatever the model, on
/// average over rows and calibrations, not for each row. It needs that the classes follow from the features alike in
/// both domains, and features that overlap: where they do not, sets hold every class. A change of labels breaks it.
/// </para>
/// </remarks>
public sealed record ConformalPrediction
{
    /// <summary>The least probability of the right class to be in the set, from 0 to below 1. Default 0.9.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Confidence { get; init; } = 0.9;

    /// <summary>
    /// Whether rows are weighed to the target, the default; else the sets are right for the source alone.
    /// </summary>
    public bool IsWeighted { get; init; } = true;

    /// <summary>The classifier that tells the domains apart. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>Calibrates a model.</summary>
    /// <param name="model">A fitted classifier. It stays the caller's, and must live as long as the result.</param>
    /// <param name="calibration">
    /// Labeled rows of the (first) source that no fit has seen, without weights: a few hundred.
    /// </param>
    /// <param name="target">Rows of the domain that the sets are for.</param>
    /// <returns>What makes the sets; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// The calibration's labels are not the model's classes, or it has weights.
    /// </exception>
    public ConformalPredictor Fit(AdaptedModel model, LabeledDomain calibration, UnlabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Options(this);
        Check(model, calibration);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var features = model.Features(calibration.Inputs, DomainId.Source(0));
        var probabilities = ConformalPredictor.ProbabilitiesOf(model, features);
        if (probabilities.shape[1] != calibration.Space.Width)
        {
            throw new ArgumentException(
                $"calibration must have the model's {probabilities.shape[1]} classes; it has {calibration.Space}.",
                nameof(calibration)
            );
        }
        var (scores, order) = (1 - probabilities.gather(1, calibration.Labels.unsqueeze(1)).squeeze(1)).sort();
        var ratio = IsWeighted ? FeatureRatio.Fit(Classifier, features, model.Features(target.Inputs)) : null;
        try
        {
            var weights = ratio?.Of(features) ?? ones_like(scores);
            var effectiveRows = EffectiveSampleSize.Of(weights);
            var mass = weights.index_select(0, order).cumsum(0);
            // The predictor owns them, whatever scope its caller is in.
            return new ConformalPredictor(
                model,
                Confidence,
                ratio,
                scores.DetachFromDisposeScope(),
                mass.DetachFromDisposeScope(),
                effectiveRows
            );
        }
        catch
        {
            ratio?.Dispose();
            throw;
        }
    }

    internal static void Check(AdaptedModel model, LabeledDomain calibration)
    {
        if (!calibration.Space.IsClasses || model.Predictor.ScoreKind == ScoreKind.Values)
        {
            throw new ArgumentException(
                $"calibration is of classes; the calibration's labels are {calibration.Space}.",
                nameof(calibration)
            );
        }
        if (calibration.Weights is not null)
        {
            throw new ArgumentException(
                "calibration must not have example weights: each row counts by the density ratio. Give "
                    + "calibration.WithWeights(null).",
                nameof(calibration)
            );
        }
    }
}
