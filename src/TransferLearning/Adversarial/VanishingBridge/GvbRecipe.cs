using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// GVB (Cui et al. 2020): cross-entropy and a critic of class probabilities, classifier and critic each with a
    /// bridge that vanishes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="classifier">The label predictor.</param>
    /// <param name="critic">The critic, class probabilities to one logit.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    public static AdaptationBuilder Gvb(
        IFeatureExtractor extractor,
        Bridged classifier,
        Bridged critic,
        Schedule? reversal = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            classifier.AsPart(),
            net => net.Minimize(new CrossEntropy()).OpposeByBridges(classifier, critic, reversal)
        );

    /// <inheritdoc cref="Gvb(IFeatureExtractor, Bridged, Bridged, Schedule?)"/>
    public static AdaptationBuilder Gvb(
        nn.Module<Tensor, Tensor> extractor,
        Bridged classifier,
        Bridged critic,
        Schedule? reversal = null
    ) => Gvb(extractor.AsPart(), classifier, critic, reversal);
}
