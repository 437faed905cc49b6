using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Class-confusion consistency (TLLib): cross-entropy, and two views of the target that confuse the same classes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for none.</param>
    /// <param name="weight">The weight of the consistency over progress. Default 1.</param>
    /// <param name="threshold">The confidence from which rows count. Default 0.95.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder ClassConfusionConsistency(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new ClassConfusionConsistency(strong, weak) { Threshold = threshold }, weight)
        );

    /// <inheritdoc cref="ClassConfusionConsistency(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder ClassConfusionConsistency(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95,
        IObjective? loss = null
    ) => ClassConfusionConsistency(extractor.AsPart(), predictor.AsPart(), strong, weak, weight, threshold, loss);
}
