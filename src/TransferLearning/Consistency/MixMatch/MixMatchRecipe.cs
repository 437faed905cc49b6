using TransferLearning.Consistency;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MixMatch (Berthelot et al. 2019): labeled and guessed rows, augmented and mixed with each other.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="view">The augmentation, of labeled rows, too.</param>
    /// <param name="weight">
    /// The weight of the target's part over progress. Default a line from 0 to 75 over the first 64th of the training
    /// and 75 from there on, the authors' for CIFAR-10.
    /// </param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 0.75.</param>
    public static AdaptationBuilder MixMatch(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation view,
        Schedule? weight = null,
        double alpha = 0.75
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new MixMatch(view) { Alpha = alpha, Weight = weight ?? Consistency.MixMatch.Ramp })
        );

    /// <inheritdoc cref="MixMatch(IFeatureExtractor, ILabelPredictor, IAugmentation, Schedule?, double)"/>
    public static AdaptationBuilder MixMatch(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation view,
        Schedule? weight = null,
        double alpha = 0.75
    ) => MixMatch(extractor.AsPart(), predictor.AsPart(), view, weight, alpha);
}
