using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Pseudo-label (Lee 2013): cross-entropy, and sure readings of the target taken for labels.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the pseudo-labels over progress. Default a line from 0 to 3, the paper's last value.
    /// </param>
    /// <param name="threshold">The confidence above which a reading counts. Default 0.95.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder PseudoLabel(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        double threshold = 0.95,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new PseudoLabels { Threshold = threshold }, weight ?? Schedule.Linear(0, 3))
        );

    /// <inheritdoc cref="PseudoLabel(IFeatureExtractor, ILabelPredictor, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder PseudoLabel(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        double threshold = 0.95,
        IObjective? loss = null
    ) => PseudoLabel(extractor.AsPart(), predictor.AsPart(), weight, threshold, loss);
}
