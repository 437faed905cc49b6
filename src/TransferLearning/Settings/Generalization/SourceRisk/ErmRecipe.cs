using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Empirical risk minimization over several sources (Gulrajani and Lopez-Paz 2021): the mean of their risks and
    /// nothing else, the baseline of domain generalization.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    public static AdaptationBuilder Erm(IFeatureExtractor extractor, ILabelPredictor predictor) =>
        new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new SourceRisk()));

    /// <inheritdoc cref="Erm(IFeatureExtractor, ILabelPredictor)"/>
    public static AdaptationBuilder Erm(nn.Module<Tensor, Tensor> extractor, nn.Module<Tensor, Tensor> predictor) =>
        Erm(extractor.AsPart(), predictor.AsPart());
}
