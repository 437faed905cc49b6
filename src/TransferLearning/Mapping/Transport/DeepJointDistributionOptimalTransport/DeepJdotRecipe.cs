using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DeepJDOT (Damodaran et al. 2018): cross-entropy and the cost of carrying source features and labels to target
    /// features and predictions. Source and target batches must have one size.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the cost over progress. Default 1; the factors within are the objective's.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder DeepJdot(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy()).Minimize(new DeepJointDistributionOptimalTransport(), weight)
        );

    /// <inheritdoc cref="DeepJdot(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder DeepJdot(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => DeepJdot(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
