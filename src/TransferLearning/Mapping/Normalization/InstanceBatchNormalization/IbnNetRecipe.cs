using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IBN-Net (Pan et al. 2018): a network whose early layers normalize half of their channels image by image.
    /// </summary>
    /// <param name="network">
    /// The extractor, with <see cref="InstanceBatchNormalization"/> in the place of early batch normalizations:
    /// <c>InstanceBatchNormalization.From(layer)</c>.
    /// </param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder IbnNet(
        IFeatureExtractor network,
        ILabelPredictor predictor,
        IObjective? loss = null
    ) => new AdaptationBuilder().Train(network, predictor, net => net.Minimize(loss ?? new CrossEntropy()));

    /// <inheritdoc cref="IbnNet(IFeatureExtractor, ILabelPredictor, IObjective?)"/>
    public static AdaptationBuilder IbnNet(
        nn.Module<Tensor, Tensor> network,
        nn.Module<Tensor, Tensor> predictor,
        IObjective? loss = null
    ) => IbnNet(network.AsPart(), predictor.AsPart(), loss);
}
