using TransferLearning.Consistency;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ABC (Lee et al. 2021), for uneven classes: FixMatch with a second classifier that learns from all classes alike,
    /// and predicts.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The balanced classifier, which goes into the model.</param>
    /// <param name="ordinary">The ordinary classifier, of the same width, which helps the extractor learn.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="threshold">The least confidence at which a row counts. Default 0.95.</param>
    public static AdaptationBuilder Abc(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor ordinary,
        IAugmentation strong,
        IAugmentation? weak = null,
        double threshold = 0.95
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(ordinary);
                net.Minimize(new AuxiliaryBalancedClassifier(ordinary, strong, weak) { Threshold = threshold });
            }
        );

    /// <inheritdoc cref="Abc(IFeatureExtractor, ILabelPredictor, ILabelPredictor, IAugmentation, IAugmentation?, double)"/>
    public static AdaptationBuilder Abc(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> ordinary,
        IAugmentation strong,
        IAugmentation? weak = null,
        double threshold = 0.95
    ) => Abc(extractor.AsPart(), predictor.AsPart(), ordinary.AsPart(), strong, weak, threshold);
}
