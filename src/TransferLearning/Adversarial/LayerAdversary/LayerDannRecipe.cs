using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DANN at several layers: cross-entropy and a critic for each link of the extractor, opposed by gradient reversal.
    /// </summary>
    /// <param name="links">The extractor's links, each on what the one before it computes.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critics">One critic a link, of outputs in the link's shape; null leaves a link alone.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static AdaptationBuilder LayerDann(
        IReadOnlyList<IFeatureExtractor> links,
        ILabelPredictor predictor,
        IReadOnlyList<IDomainCritic?> critics,
        Schedule? reversal = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(links);
        return new AdaptationBuilder().Train(
            ExtractorChain.Of([.. links]),
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeAtLayers(critics, reversal, criterion)
        );
    }

    /// <inheritdoc cref="LayerDann(IReadOnlyList{IFeatureExtractor}, ILabelPredictor, IReadOnlyList{IDomainCritic?}, Schedule?, CriticLoss)"/>
    public static AdaptationBuilder LayerDann(
        IReadOnlyList<nn.Module<Tensor, Tensor>> links,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>?> critics,
        Schedule? reversal = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(critics);
        return LayerDann(
            [.. links.Select(link => (IFeatureExtractor)link.AsPart())],
            predictor.AsPart(),
            [.. critics.Select(critic => (IDomainCritic?)critic?.AsPart())],
            reversal,
            criterion
        );
    }
}
