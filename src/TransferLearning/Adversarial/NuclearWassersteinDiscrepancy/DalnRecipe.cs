using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DALN (Chen et al. 2022): cross-entropy and the nuclear-norm Wasserstein discrepancy, the classifier its own
    /// critic.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    public static AdaptationBuilder Daln(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? reversal = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Minimize(new NuclearWassersteinDiscrepancy(reversal))
        );

    /// <inheritdoc cref="Daln(IFeatureExtractor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder Daln(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? reversal = null
    ) => Daln(extractor.AsPart(), predictor.AsPart(), reversal);
}
