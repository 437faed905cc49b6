using TransferLearning.Mapping;
using TransferLearning.Objectives;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>JAN (Long et al. 2017): cross-entropy and the joint mean discrepancy of features and predictions.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the discrepancy over progress. Default a ramp from 0 to 1, the paper's.</param>
    public static AdaptationBuilder Jan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy()).Minimize(new JointMeanDiscrepancy(), weight ?? Schedule.SigmoidRamp())
        );
}
