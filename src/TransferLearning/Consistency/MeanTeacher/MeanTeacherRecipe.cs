using TransferLearning.Consistency;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Mean teacher (Tarvainen and Valpola 2017): cross-entropy, and predictions on the target that follow a moving
    /// average of the network.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="teacher">The teacher, of replicas of the extractor and the predictor.</param>
    /// <param name="weight">
    /// The weight of the consistency over progress. Default a ramp to 100 over the first quarter, the authors'.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder MeanTeacher(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        MeanTeacher teacher,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy()).Minimize(teacher, weight ?? Schedule.GaussianRamp(0.25, 100))
        );

    /// <inheritdoc cref="MeanTeacher(IFeatureExtractor, ILabelPredictor, MeanTeacher, Schedule?, IObjective?)"/>
    public static AdaptationBuilder MeanTeacher(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        MeanTeacher teacher,
        Schedule? weight = null,
        IObjective? loss = null
    ) => MeanTeacher(extractor.AsPart(), predictor.AsPart(), teacher, weight, loss);
}
