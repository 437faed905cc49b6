using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MCD (Saito et al. 2018): two classifiers find the target rows on which they disagree, the extractor moves those;
    /// SWD (Lee et al. 2019) with the sliced Wasserstein distance as the gap.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor; it is the model's.</param>
    /// <param name="second">The second classifier, of the predictor's kind but with other initial values.</param>
    /// <param name="gap">What measures the gap of the probabilities; null for their absolute difference.</param>
    /// <param name="weight">The weight of the gap over progress. Default 1.</param>
    /// <param name="extractorSteps">Steps of the extractor for each step of the classifiers. Default 4.</param>
    public static AdaptationBuilder Mcd(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor second,
        IDiscrepancy? gap = null,
        Schedule? weight = null,
        int extractorSteps = 4
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeClassifiers(second, gap, weight, extractorSteps)
        );

    /// <inheritdoc cref="Mcd(IFeatureExtractor, ILabelPredictor, ILabelPredictor, IDiscrepancy?, Schedule?, int)"/>
    public static AdaptationBuilder Mcd(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> second,
        IDiscrepancy? gap = null,
        Schedule? weight = null,
        int extractorSteps = 4
    ) => Mcd(extractor.AsPart(), predictor.AsPart(), second.AsPart(), gap, weight, extractorSteps);
}
