using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DARP (Kim et al. 2020), for uneven classes: cross-entropy, and FixMatch with pseudo-labels that are refined
    /// until they have the labels' shares.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the unlabeled term over progress. Default 1.</param>
    /// <param name="threshold">The least confidence at which a row counts. Default 0.95.</param>
    public static AdaptationBuilder Darp(
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
                net.Minimize(new CrossEntropy())
                    .Minimize(new DistributionAligningRefinery(strong, weak) { Threshold = threshold }, weight)
        );

    /// <inheritdoc cref="Darp(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?, double)"/>
    public static AdaptationBuilder Darp(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95
    ) => Darp(extractor.AsPart(), predictor.AsPart(), strong, weak, weight, threshold);
}
