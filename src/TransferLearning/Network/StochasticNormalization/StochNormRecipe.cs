using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// StochNorm (Kou et al. 2020): fine-tuning of a network whose batch normalizations are stochastic ones.
    /// </summary>
    /// <param name="network">
    /// The pre-trained extractor, with <see cref="StochasticNormalization"/> in the place of its batch normalizations:
    /// <c>StochasticNormalization.From(layer)</c>.
    /// </param>
    /// <param name="predictor">The new head.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder StochNorm(
        IFeatureExtractor network,
        ILabelPredictor predictor,
        IObjective? loss = null
    ) => new AdaptationBuilder().Train(network, predictor, net => net.Minimize(loss ?? new CrossEntropy()));

    /// <inheritdoc cref="StochNorm(IFeatureExtractor, ILabelPredictor, IObjective?)"/>
    public static AdaptationBuilder StochNorm(
        nn.Module<Tensor, Tensor> network,
        nn.Module<Tensor, Tensor> predictor,
        IObjective? loss = null
    ) => StochNorm(network.AsPart(), predictor.AsPart(), loss);
}
