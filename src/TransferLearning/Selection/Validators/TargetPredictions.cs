using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>What a model says of the target's rows, in float64; all belongs to the caller's scope.</summary>
internal readonly record struct TargetPredictions(Tensor Features, Tensor Scores, Tensor Probabilities)
{
    public static TargetPredictions Of(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(domains);
        if (!domains.Space.IsClasses)
        {
            throw new ArgumentException(
                $"domains must be of classes, whose predictions are judged; the labels are {domains.Space}.",
                nameof(domains)
            );
        }
        using var quiet = no_grad();
        var features = BatchedPass.Over(domains.Target.Rows, extractor.For(DomainId.Target));
        var scores = predictor.Predict(features).to(float64);
        return new TargetPredictions(
            features.to(float64),
            scores,
            Internal.Probabilities.Of(scores, predictor.ScoreKind)
        );
    }
}
