using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MLDG (Li et al. 2018), first order: a step that lowers the risk of one source is to lower that of another one
    /// after it.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="factor">The factor of the risks after the inner steps. Default 1, DomainBed's.</param>
    /// <param name="rate">The rate of the inner steps. Default 0.001, that of the default optimizer.</param>
    public static AdaptationBuilder Mldg(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double factor = 1,
        double rate = 1e-3
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new MetaLearning { Factor = factor, Rate = rate })
        );

    /// <inheritdoc cref="Mldg(IFeatureExtractor, ILabelPredictor, double, double)"/>
    public static AdaptationBuilder Mldg(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double factor = 1,
        double rate = 1e-3
    ) => Mldg(extractor.AsPart(), predictor.AsPart(), factor, rate);
}
