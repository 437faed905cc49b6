using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IM (Liang, Hu and Feng 2020, the heart of SHOT): cross-entropy, and predictions on the target that are sure and
    /// diverse.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Im(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new InformationMaximization(), weight)
        );

    /// <inheritdoc cref="Im(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Im(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Im(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
