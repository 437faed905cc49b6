using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MDD (Zhang et al. 2019): cross-entropy and an adversarial classifier that disagrees with the predictor on the
    /// target alone.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="adversary">The adversarial classifier, of the predictor's kind.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 0.1.</param>
    /// <param name="margin">The factor of the source's part. Default 4.</param>
    public static AdaptationBuilder Mdd(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor adversary,
        Schedule? reversal = null,
        double margin = 4
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeByMargin(adversary, reversal, margin)
        );

    /// <inheritdoc cref="Mdd(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, double)"/>
    public static AdaptationBuilder Mdd(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> adversary,
        Schedule? reversal = null,
        double margin = 4
    ) => Mdd(extractor.AsPart(), predictor.AsPart(), adversary.AsPart(), reversal, margin);

    /// <summary>
    /// MDD for values: squared error and an adversarial regressor that disagrees with the predictor on the target
    /// alone.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The predictor of values.</param>
    /// <param name="adversary">The adversarial regressor, of the predictor's kind.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 0.1.</param>
    /// <param name="margin">The factor of the source's part. Default 1.</param>
    public static AdaptationBuilder MddRegression(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor adversary,
        Schedule? reversal = null,
        double margin = 1
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new SquaredError()).OpposeValues(adversary, reversal, margin)
        );

    /// <inheritdoc cref="MddRegression(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, double)"/>
    public static AdaptationBuilder MddRegression(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> adversary,
        Schedule? reversal = null,
        double margin = 1
    ) => MddRegression(extractor.AsPart(), predictor.AsPart(), adversary.AsPart(), reversal, margin);
}
