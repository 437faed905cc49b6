using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Confidence as a validator: minus the mean entropy of the target's predictions, in nats.</summary>
/// <remarks>
/// <c>mean_i sum_c p_ic log p_ic</c>; 0 where every prediction is sure, <c>-log C</c> where none is. A model that reads
/// every row as one class is perfect by it: <see cref="PredictionInformation"/> is not fooled by that.
/// </remarks>
public sealed record PredictionEntropy : IModelScore
{
    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        return Of(TargetPredictions.Of(extractor, predictor, domains).Probabilities);
    }

    /// <summary>The score of some predictions.</summary>
    /// <param name="probabilities">The class probabilities <c>[n, C]</c>.</param>
    public static double Of(Tensor probabilities)
    {
        Guard.Rows(probabilities);
        using var scope = NewDisposeScope();
        return -Entropies.Of(probabilities).mean().item<double>();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
