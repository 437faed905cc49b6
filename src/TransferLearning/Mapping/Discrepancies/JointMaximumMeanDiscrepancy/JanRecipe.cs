using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// JAN (Long et al. 2017): cross-entropy and the joint mean discrepancy of features and predictions.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the discrepancy over progress. Default a ramp from 0 to 1, the paper's.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Jan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new JointMaximumMeanDiscrepancy(), weight ?? Schedule.SigmoidRamp())
        );

    /// <inheritdoc cref="Jan(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Jan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Jan(extractor.AsPart(), predictor.AsPart(), weight, loss);

    /// <summary>
    /// JAN-A (Long et al. 2017): as <see cref="Jan(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>, the
    /// discrepancy taken behind layers that learn to make it large.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="ofFeatures">The layer behind the features.</param>
    /// <param name="ofProbabilities">The layer behind the class probabilities.</param>
    /// <param name="weight">
    /// The weight of the discrepancy over progress. Default a ramp from 0 to 1, the paper's.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder JanA(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IFeatureExtractor ofFeatures,
        IFeatureExtractor ofProbabilities,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .OpposeJointly(ofFeatures, ofProbabilities, weight ?? Schedule.SigmoidRamp())
        );

    /// <inheritdoc cref="JanA(IFeatureExtractor, ILabelPredictor, IFeatureExtractor, IFeatureExtractor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder JanA(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> ofFeatures,
        nn.Module<Tensor, Tensor> ofProbabilities,
        Schedule? weight = null,
        IObjective? loss = null
    ) => JanA(extractor.AsPart(), predictor.AsPart(), ofFeatures.AsPart(), ofProbabilities.AsPart(), weight, loss);
}
