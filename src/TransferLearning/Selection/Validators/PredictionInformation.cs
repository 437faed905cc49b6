using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>IM: the information that the target's predictions carry, confidence and diversity together.</summary>
/// <remarks>
/// <c>H(mean_i p_i) - mean_i H(p_i)</c> in nats, the sum of <see cref="PredictionDiversity"/> and
/// <see cref="PredictionEntropy"/> (Musgrave, Belongie and Lim 2022, "Three New Validators and a Large-Scale Benchmark
/// Ranking for Unsupervised Domain Adaptation"). From 0 to <c>log C</c>.
/// </remarks>
public sealed record PredictionInformation : IModelScore
{
    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        return Of(TargetPredictions.Of(extractor, predictor, domains).Probabilities);
    }

    /// <summary>The score of some predictions.</summary>
    /// <param name="probabilities">The class probabilities <c>[n, C]</c>.</param>
    public static double Of(Tensor probabilities) =>
        PredictionDiversity.Of(probabilities) + PredictionEntropy.Of(probabilities);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
