using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>A classifier whose probabilities are tempered: <c>softmax(z / T)</c> of its logits z.</summary>
/// <remarks>
/// Where the model gives no logits, z are the logarithms of its probabilities. A temperature changes no row's most
/// likely class. Temperatures above 1 make a model less sure.
/// </remarks>
public sealed class CalibratedModel
{
    /// <summary>Puts a model and a temperature together.</summary>
    /// <param name="model">A fitted classifier. It stays the caller's, and must live as long as this.</param>
    /// <param name="temperature">The temperature T, positive.</param>
    /// <exception cref="ArgumentException">The model predicts no classes.</exception>
    public CalibratedModel(AdaptedModel model, double temperature)
    {
        ArgumentNullException.ThrowIfNull(model);
        Guard.Positive(temperature);
        if (model.Space is { IsClasses: false } || model.Predictor.ScoreKind == ScoreKind.Values)
        {
            throw new ArgumentException(
                $"model must predict classes; it predicts {model.Space?.ToString() ?? "values"}.",
                nameof(model)
            );
        }
        (Model, Temperature) = (model, temperature);
    }

    /// <summary>The model.</summary>
    public AdaptedModel Model { get; }

    /// <summary>The temperature T.</summary>
    public double Temperature { get; }

    /// <summary>The tempered class probabilities of every row.</summary>
    /// <param name="inputs">Inputs <c>[n, ...]</c> of the target.</param>
    /// <param name="batchSize">Rows that pass at a time.</param>
    /// <returns>Probabilities <c>[n, classes]</c>, on the inputs' device; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">The inputs are not rows as in the fit.</exception>
    /// <exception cref="ObjectDisposedException">The model or the inputs have been disposed.</exception>
    public Tensor PredictProbabilities(Tensor inputs, long batchSize = 1024)
    {
        Guard.Alive(inputs);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var logits = Logits(Model, Model.Predict(inputs, batchSize));
        return (logits * (1 / Temperature)).softmax(1).MoveToOuterDisposeScope();
    }

    /// <summary>What stands for logits in a model's scores <c>[n, C]</c>. Opens no scope.</summary>
    internal static Tensor Logits(AdaptedModel model, Tensor scores) =>
        model.Predictor.ScoreKind == ScoreKind.Logits
            ? scores
            : Probabilities.Of(scores, model.Predictor.ScoreKind).clamp_min(1e-30).log();
}
