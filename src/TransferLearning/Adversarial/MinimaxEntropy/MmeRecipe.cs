using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MME (Saito et al. 2019), for a few labeled target rows: cross-entropy of both domains' labels, and an entropy of
    /// the target that the classifier makes large and the extractor small.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor: a <see cref="CosineClassifier"/>.</param>
    /// <param name="weight">The weight of the entropy over progress. Default 0.1.</param>
    public static AdaptationBuilder Mme(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeOverEntropy(weight)
        );

    /// <inheritdoc cref="Mme(IFeatureExtractor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder Mme(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null
    ) => Mme(extractor.AsPart(), predictor.AsPart(), weight);
}
