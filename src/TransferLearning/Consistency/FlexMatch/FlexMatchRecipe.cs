using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// FlexMatch (Zhang et al. 2021): FixMatch with a threshold for each class, lower for classes that are learned
    /// less.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the unlabeled term over progress. Default 1.</param>
    /// <param name="threshold">The threshold of a class that is learned best. Default 0.95.</param>
    public static AdaptationBuilder FlexMatch(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy()).Minimize(new FlexMatch(strong, weak) { Threshold = threshold }, weight)
        );

    /// <inheritdoc cref="FlexMatch(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?, double)"/>
    public static AdaptationBuilder FlexMatch(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95
    ) => FlexMatch(extractor.AsPart(), predictor.AsPart(), strong, weak, weight, threshold);
}
