using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// AdaBN (Li et al. 2016): a network is trained on the source, then its batch statistics become the target's.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder AdaBn(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(loss ?? new CrossEntropy()))
            .Add(new AdaptiveBatchNormalization());

    /// <inheritdoc cref="AdaBn(IFeatureExtractor, ILabelPredictor, IObjective?)"/>
    public static AdaptationBuilder AdaBn(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IObjective? loss = null
    ) => AdaBn(extractor.AsPart(), predictor.AsPart(), loss);
}
