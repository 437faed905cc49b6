using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SagNet (Nam et al. 2021): labels are learned from content under other rows' styles, and features whose styles
    /// tell a second classifier nothing.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="style">The classifier of styles, of the predictor's input and output.</param>
    /// <param name="weight">The weight of the adversary's term over progress. Default 0.1, the authors'.</param>
    public static AdaptationBuilder SagNet(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor style,
        Schedule? weight = null
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.IgnoreStyle(style, weight));

    /// <inheritdoc cref="SagNet(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder SagNet(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> style,
        Schedule? weight = null
    ) => SagNet(extractor.AsPart(), predictor.AsPart(), style.AsPart(), weight);
}
