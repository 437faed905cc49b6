using TransferLearning.Network;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Uncertainty weighting (Kendall et al. 2018): tasks of one network, each weighed by a variance that is learned
    /// with them.
    /// </summary>
    /// <param name="extractor">The trunk that the tasks share.</param>
    /// <param name="predictor">The head of the labels.</param>
    /// <param name="weighting">The tasks; the caller disposes it. Heads of tasks must be among the moved parts.</param>
    public static AdaptationBuilder Uncertainty(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        UncertaintyWeighting weighting
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(weighting.LogVariances);
                net.Minimize(weighting);
            }
        );

    /// <inheritdoc cref="Uncertainty(IFeatureExtractor, ILabelPredictor, UncertaintyWeighting)"/>
    public static AdaptationBuilder Uncertainty(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        UncertaintyWeighting weighting
    ) => Uncertainty(extractor.AsPart(), predictor.AsPart(), weighting);
}
