using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Diversity as a validator: the entropy of the target's mean prediction, in nats.</summary>
/// <remarks>
/// <c>-sum_c m_c log m_c</c> with <c>m = mean_i p_i</c>; <c>log C</c> where classes come up equally often. It says that
/// a model has not collapsed, not that it is right.
/// </remarks>
public sealed record PredictionDiversity : IModelScore
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
        return Entropies.Of(probabilities.mean([0L], keepdim: true)).item<double>();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
