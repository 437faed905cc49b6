using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// GradNorm (Chen et al. 2018): tasks of one network, weighed so that their gradients at the shared part are of
    /// like size.
    /// </summary>
    /// <param name="extractor">The trunk that the tasks share.</param>
    /// <param name="predictor">The head of the labels.</param>
    /// <param name="balance">The tasks, weighed. Heads of tasks must be among the moved parts.</param>
    public static AdaptationBuilder GradNorm(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        GradientNormalization balance
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(balance));

    /// <inheritdoc cref="GradNorm(IFeatureExtractor, ILabelPredictor, GradientNormalization)"/>
    public static AdaptationBuilder GradNorm(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        GradientNormalization balance
    ) => GradNorm(extractor.AsPart(), predictor.AsPart(), balance);
}
