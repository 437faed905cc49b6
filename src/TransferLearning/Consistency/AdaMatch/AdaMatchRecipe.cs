using TransferLearning.Consistency;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// AdaMatch (Berthelot et al. 2022): cross-entropy of two views of the labeled rows, and aligned readings of
    /// weakly augmented target rows as labels of strongly augmented ones.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">
    /// The weight of the target's term over progress. Default the paper's half cosine, 1 from the middle on.
    /// </param>
    /// <param name="threshold">The threshold as a share of the source's mean confidence. Default 0.9.</param>
    public static AdaptationBuilder AdaMatch(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.9
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new ViewCrossEntropy(strong, weak))
                    .Minimize(
                        new AdaMatch(strong, weak) { Threshold = threshold },
                        weight
                            ?? new Schedule(progress => 0.5 - (Math.Cos(Math.Min(Math.PI, 2 * Math.PI * progress)) / 2))
                    )
        );

    /// <inheritdoc cref="AdaMatch(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?, double)"/>
    public static AdaptationBuilder AdaMatch(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.9
    ) => AdaMatch(extractor.AsPart(), predictor.AsPart(), strong, weak, weight, threshold);
}
