using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Dash (Xu et al. 2021): cross-entropy, and FixMatch with a falling threshold of the loss.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the unlabeled term over progress. Default 1.</param>
    public static AdaptationBuilder Dash(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Minimize(new Dash(strong, weak), weight)
        );

    /// <inheritdoc cref="Dash(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?)"/>
    public static AdaptationBuilder Dash(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null
    ) => Dash(extractor.AsPart(), predictor.AsPart(), strong, weak, weight);
}
