using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SoftMatch (Chen et al. 2023): cross-entropy, and readings of weakly augmented rows as labels of strongly
    /// augmented ones, weighed by their confidence.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the unlabeled term over progress. Default 1.</param>
    public static AdaptationBuilder SoftMatch(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Minimize(new SoftMatch(strong, weak), weight)
        );

    /// <inheritdoc cref="SoftMatch(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?)"/>
    public static AdaptationBuilder SoftMatch(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null
    ) => SoftMatch(extractor.AsPart(), predictor.AsPart(), strong, weak, weight);
}
