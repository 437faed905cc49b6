using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// G-SFDA (Yang et al. 2021): a network trained by <c>GSfdaSource</c> learns the target alone, each row
    /// from its nearest rows, by features that the source does not use.
    /// </summary>
    /// <remarks>
    /// The model reads the target by its attention, and the source by <c>Predict(rows, DomainId.Source(0))</c>. No
    /// source row is looked at: fit it with <see cref="AdaptationBuilder.FitSourceFree"/>, or with a source all the
    /// same.
    /// </remarks>
    /// <param name="extractor">The trained extractor before the attention, to features <c>[n, d]</c>; it moves.</param>
    /// <param name="predictor">The trained label predictor, linear; it moves.</param>
    /// <param name="ofSource">The source's attention, trained.</param>
    /// <param name="ofTarget">The target's attention, trained.</param>
    /// <param name="neighbors">How many nearest rows a row learns from. Default 2, for Office-Home; VisDA's 10.</param>
    public static AdaptationBuilder GSfda(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        DomainAttention ofSource,
        DomainAttention ofTarget,
        int neighbors = 2
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(ofSource);
        ArgumentNullException.ThrowIfNull(ofTarget);
        return new AdaptationBuilder().Train(
            ExtractorChain.Of(extractor, new PerDomainExtractor(ofSource.AsPart(), ofTarget.AsPart())),
            predictor,
            net =>
                net.Phase(phase =>
                    phase
                        .Move(extractor, predictor)
                        .Minimize(new LocalStructureClustering(ofSource, ofTarget) { Neighbors = neighbors })
                )
        );
    }

    /// <inheritdoc cref="GSfda(IFeatureExtractor, ILabelPredictor, DomainAttention, DomainAttention, int)"/>
    public static AdaptationBuilder GSfda(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        DomainAttention ofSource,
        DomainAttention ofTarget,
        int neighbors = 2
    ) => GSfda(extractor.AsPart(), predictor.AsPart(), ofSource, ofTarget, neighbors);
}
