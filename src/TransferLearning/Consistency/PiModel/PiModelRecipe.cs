using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The Pi-model (Laine and Aila 2017): cross-entropy, and predictions that agree between two views of a row.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="first">The first view, which learns.</param>
    /// <param name="second">The second view, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="loss">The labeled rows' loss. Default cross-entropy.</param>
    public static AdaptationBuilder PiModel(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation first,
        IAugmentation? second = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new PiModel(first, second), weight)
        );

    /// <inheritdoc cref="PiModel(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder PiModel(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation first,
        IAugmentation? second = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) => PiModel(extractor.AsPart(), predictor.AsPart(), first, second, weight, loss);
}
