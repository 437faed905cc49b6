using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// FDA (Yang and Soatto 2020): training on source images that have taken the low frequencies' amplitudes of target
    /// images.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="band">
    /// The frequencies that are swapped, as a share of the image's shorter side. Default 0.01.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Fda(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double band = 0.01,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Augment(new FourierDomainAdaptation { Share = band })
        );

    /// <inheritdoc cref="Fda(IFeatureExtractor, ILabelPredictor, double, IObjective?)"/>
    public static AdaptationBuilder Fda(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double band = 0.01,
        IObjective? loss = null
    ) => Fda(extractor.AsPart(), predictor.AsPart(), band, loss);
}
