using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DANCE (Saito et al. 2020), for targets that may lack classes of the source and have others: target rows cluster
    /// with prototypes or with each other, and the entropy parts known from unknown.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor: a <c>CosineClassifier</c>.</param>
    /// <param name="weight">The weight of both terms over progress. Default 0.05, the authors'.</param>
    /// <param name="margin">The margin of the entropy within which rows are left alone. Default 0.5.</param>
    public static AdaptationBuilder Dance(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        double margin = 0.5
    ) =>
        new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new NeighborhoodClustering(), weight ?? 0.05)
                        .Minimize(new EntropySeparation { Margin = margin }, weight ?? 0.05)
            )
            .RejectUnknown(new EntropyRule());

    /// <inheritdoc cref="Dance(IFeatureExtractor, ILabelPredictor, Schedule?, double)"/>
    public static AdaptationBuilder Dance(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        double margin = 0.5
    ) => Dance(extractor.AsPart(), predictor.AsPart(), weight, margin);
}
