using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CDAC (Li et al. 2021), for a few labeled target rows: cross-entropy of both domains' labels, and after each of
    /// its steps one of adversarial adaptive clustering, of sure readings as labels of a strong view, and of two strong
    /// views that are to be read alike.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor: a <see cref="CosineClassifier"/>.</param>
    /// <param name="strong">The strong augmentation; two draws of it are taken.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="clustering">The weight of the clustering over progress. Default 1, the authors'.</param>
    /// <param name="pseudo">The weight of the pseudo-labels over progress. Default 1, the authors'.</param>
    /// <param name="consistency">
    /// The weight of the consistency over progress. Default a Gaussian ramp to 30 over 0.4 of the training, the
    /// authors'.
    /// </param>
    /// <param name="threshold">The least confidence of pseudo-labels. Default 0.95, the authors'.</param>
    public static AdaptationBuilder Cdac(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? clustering = null,
        Schedule? pseudo = null,
        Schedule? consistency = null,
        double threshold = 0.95
    )
    {
        // Views are known by reference: another object is another draw.
        var further = new AugmentationSequence(strong);
        return new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy())
                    .Phase(phase =>
                        phase
                            .Move(extractor, predictor)
                            .Minimize(new AdaptiveClustering(strong, weak), clustering)
                            .Minimize(new FixMatch(further, weak) { Threshold = threshold }, pseudo)
                            .Minimize(
                                new PiModel(strong, further) { LearnsFromBoth = true },
                                consistency ?? Schedule.GaussianRamp(0.4, 30)
                            )
                    )
        );
    }

    /// <inheritdoc cref="Cdac(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, Schedule?, Schedule?, Schedule?, double)"/>
    public static AdaptationBuilder Cdac(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? clustering = null,
        Schedule? pseudo = null,
        Schedule? consistency = null,
        double threshold = 0.95
    ) => Cdac(extractor.AsPart(), predictor.AsPart(), strong, weak, clustering, pseudo, consistency, threshold);
}
