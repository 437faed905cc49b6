using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// UDA (Xie et al. 2020): annealed cross-entropy, and predictions on the target that survive an augmentation.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The augmentation.</param>
    /// <param name="weight">The weight of the consistency over progress. Default 1, the paper's.</param>
    /// <param name="loss">What the labeled rows cost. Default annealed cross-entropy, the paper's.</param>
    public static AdaptationBuilder Uda(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new AnnealedCrossEntropy())
                    .Minimize(new UnsupervisedDataAugmentation(strong), weight)
        );

    /// <inheritdoc cref="Uda(IFeatureExtractor, ILabelPredictor, IAugmentation, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Uda(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Uda(extractor.AsPart(), predictor.AsPart(), strong, weight, loss);
}
