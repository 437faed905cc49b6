using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Group DRO (Sagawa et al. 2020): the sources' risks by weights that rise where the risk is high.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="rate">How fast the weights rise. Default 0.01, the authors'.</param>
    public static AdaptationBuilder GroupDro(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double rate = 0.01
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new GroupRobustness { Rate = rate }));

    /// <inheritdoc cref="GroupDro(IFeatureExtractor, ILabelPredictor, double)"/>
    public static AdaptationBuilder GroupDro(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double rate = 0.01
    ) => GroupDro(extractor.AsPart(), predictor.AsPart(), rate);
}
