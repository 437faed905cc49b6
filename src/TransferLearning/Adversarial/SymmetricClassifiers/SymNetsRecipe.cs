using TransferLearning.Adversarial;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SymNets (Zhang et al. 2019): a source and a target classifier that are the critic together, and an extractor
    /// that confuses them class by class.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The target classifier; it is the model's.</param>
    /// <param name="ofSource">The source classifier, of the predictor's kind but with other initial values.</param>
    /// <param name="weight">
    /// The weight of the target's confusion over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    public static AdaptationBuilder SymNets(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor ofSource,
        Schedule? weight = null
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.OpposeSymmetrically(ofSource, weight));

    /// <inheritdoc cref="SymNets(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder SymNets(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> ofSource,
        Schedule? weight = null
    ) => SymNets(extractor.AsPart(), predictor.AsPart(), ofSource.AsPart(), weight);
}
