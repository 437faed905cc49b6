using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>A model that a <see cref="ConformalPrediction"/> has calibrated: sets of classes, or a refusal.</summary>
public sealed class ConformalPredictor : IDisposable
{
    /// <summary>The class number that stands for a refusal, -1.</summary>
    public const long Rejected = -1;

    private readonly AdaptedModel model;
    private readonly FeatureRatio? ratio;
    private readonly Tensor scores;
    private readonly Tensor mass;

    internal ConformalPredictor(
        AdaptedModel model,
        double confidence,
        FeatureRatio? ratio,
        Tensor scores,
        Tensor mass,
        double effectiveRows
    )
    {
        (this.model, this.ratio, this.scores, this.mass) = (model, ratio, scores, mass);
        (Confidence, EffectiveRows) = (confidence, effectiveRows);
    }

    /// <summary>The least probability of the right class to be in the set.</summary>
    public double Confidence { get; }

    /// <summary>
    /// How many calibration rows of equal weight the weighed ones are worth, <c>(sum w)^2 / sum w^2</c>: with few, the
    /// share of right sets scatters widely around <see cref="Confidence"/>.
    /// </summary>
    public double EffectiveRows { get; }

    /// <summary>The set of every row.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c> of the target.</param>
    /// <returns>
    /// Bool <c>[n, classes]</c>, true where the class is in the row's set, which may be empty; the caller disposes it.
    /// </returns>
    /// <exception cref="ArgumentException">The inputs are not rows as in the fit.</exception>
    /// <exception cref="ObjectDisposedException">This, or the model, has been disposed.</exception>
    public Tensor Sets(Tensor inputs)
    {
        Guard.Alive(this, scores);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Judged(model.Features(inputs)).Sets.to(inputs.device).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The class of every row whose set holds one class, and <see cref="Rejected"/> for the others: rows that a person
    /// should look at.
    /// </summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c> of the target.</param>
    /// <returns>Class numbers, int64 <c>[n]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The inputs are not rows as in the fit.</exception>
    /// <exception cref="ObjectDisposedException">This, or the model, has been disposed.</exception>
    public Tensor Classes(Tensor inputs)
    {
        Guard.Alive(this, scores);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (sets, probabilities) = Judged(model.Features(inputs));
        var classes = probabilities.argmax(1);
        var rejected = full(classes.shape, Rejected, int64, classes.device);
        return where(sets.sum(dim: 1).eq(1), classes, rejected).to(inputs.device).MoveToOuterDisposeScope();
    }

    /// <summary>Frees what was fitted; the model stays.</summary>
    public void Dispose()
    {
        ratio?.Dispose();
        scores.Dispose();
        mass.Dispose();
    }

    /// <summary>A model gives features where its inputs were, and its predictor stays where the model is.</summary>
    internal static Tensor ProbabilitiesOf(AdaptedModel model, Tensor features) =>
        Probabilities.Of(model.Predictor, features.to(model.Device ?? features.device)).to(features.device);

    // On the calibration's device.
    private (Tensor Sets, Tensor Probabilities) Judged(Tensor given)
    {
        var features = given.to(scores.device);
        var probabilities = ProbabilitiesOf(model, features);
        var own = ratio?.Of(features) ?? ones(features.shape[0], float64, features.device);
        var all = mass.narrow(0, mass.shape[0] - 1, 1);
        // Rounding of the sums must not cost a row.
        var needed = (own + all) * (Confidence * (1 - 1e-12));
        var none = full([1], double.PositiveInfinity, float64, scores.device);
        var bound = cat([scores, none]).index_select(0, searchsorted(mass, needed));
        return (((probabilities * -1.0) + 1.0).le(bound.unsqueeze(1)), probabilities);
    }
}
