using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CoMatch (Li, Xiong and Hoi 2021): cross-entropy, pseudo-labels that near rows smooth, and projections of strong
    /// views that are near each other where the pseudo-labels are.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="head">The projection head, features to <c>[n, D]</c>.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="threshold">The least confidence at which a row counts. Default 0.95.</param>
    public static AdaptationBuilder CoMatch(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ModulePart head,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(head);
                net.Minimize(new CrossEntropy())
                    .Minimize(new CoMatch(head, strong, weak) { Threshold = threshold }, weight);
            }
        );

    /// <inheritdoc cref="CoMatch(IFeatureExtractor, ILabelPredictor, ModulePart, IAugmentation, IAugmentation?, Schedule?, double)"/>
    public static AdaptationBuilder CoMatch(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> head,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95
    ) => CoMatch(extractor.AsPart(), predictor.AsPart(), head.AsPart(), strong, weak, weight, threshold);
}
