using TransferLearning.Consistency;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ReMixMatch (Berthelot et al. 2020): MixMatch with guesses from weak views, in the labels' shares, for strong
    /// views.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, of labeled rows, too, or null for the rows themselves.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 0.75.</param>
    public static AdaptationBuilder ReMixMatch(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        double alpha = 0.75
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new ReMixMatch(strong, weak) { Alpha = alpha })
        );

    /// <inheritdoc cref="ReMixMatch(IFeatureExtractor, ILabelPredictor, IAugmentation, IAugmentation?, double)"/>
    public static AdaptationBuilder ReMixMatch(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        IAugmentation? weak = null,
        double alpha = 0.75
    ) => ReMixMatch(extractor.AsPart(), predictor.AsPart(), strong, weak, alpha);
}
