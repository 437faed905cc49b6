using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Log-CORAL (Morerio, Cavazza and Murino 2018): cross-entropy and the geodesic distance of the features'
    /// covariances.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the distance over progress. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder LogCoral(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Align(new LogCorrelationAlignment(), weight)
        );

    /// <inheritdoc cref="LogCoral(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder LogCoral(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => LogCoral(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
