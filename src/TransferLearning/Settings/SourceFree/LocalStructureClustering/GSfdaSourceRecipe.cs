using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The source training of G-SFDA (Yang et al. 2021): a network that is read under the source's attention and under
    /// the one that the target will have. Fit it with <see cref="AdaptationBuilder.FitWithoutTarget"/>.
    /// </summary>
    /// <param name="extractor">The extractor before the attention, to features <c>[n, d]</c>.</param>
    /// <param name="predictor">The label predictor, linear.</param>
    /// <param name="ofSource">The source's attention; it stands behind the extractor in the model.</param>
    /// <param name="ofTarget">The attention that the target will have; it moves as well.</param>
    /// <param name="sparsity">The weight of the masks' sizes. Default 0.15, the authors' for Office-Home.</param>
    public static AdaptationBuilder GSfdaSource(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        DomainAttention ofSource,
        DomainAttention ofTarget,
        double sparsity = 0.15
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(ofSource);
        ArgumentNullException.ThrowIfNull(ofTarget);
        return new AdaptationBuilder().Train(
            ExtractorChain.Of(extractor, ofSource.AsPart()),
            predictor,
            net =>
            {
                net.Main.Move(ofTarget.AsPart());
                net.Minimize(new AttendedCrossEntropy(ofSource, ofTarget) { Sparsity = sparsity });
            }
        );
    }

    /// <inheritdoc cref="GSfdaSource(IFeatureExtractor, ILabelPredictor, DomainAttention, DomainAttention, double)"/>
    public static AdaptationBuilder GSfdaSource(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        DomainAttention ofSource,
        DomainAttention ofTarget,
        double sparsity = 0.15
    ) => GSfdaSource(extractor.AsPart(), predictor.AsPart(), ofSource, ofTarget, sparsity);
}
