using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Label-efficient transfer (Luo et al. 2017): cross-entropy of all labeled rows, a critic for each layer, and
    /// target rows that are like one class of the labeled rows.
    /// </summary>
    /// <param name="extractor">
    /// The extractor: an <see cref="ExtractorChain"/> or a <see cref="TappedExtractor"/> for critics of several layers.
    /// </param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critics">One critic a layer, the features' last; null leaves a layer alone.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    /// <param name="weight">The weight of the semantic term over progress. Default 0.1.</param>
    /// <param name="temperature">The temperature of likenesses. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SemanticTransfer(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<IDomainCritic?> critics,
        Schedule? reversal = null,
        Schedule? weight = null,
        double temperature = 1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .OpposeAtLayers(critics, reversal)
                    .Minimize(new SemanticTransfer { Temperature = temperature }, weight ?? 0.1)
        );

    /// <inheritdoc cref="SemanticTransfer(IFeatureExtractor, ILabelPredictor, IReadOnlyList{IDomainCritic?}, Schedule?, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder SemanticTransfer(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>?> critics,
        Schedule? reversal = null,
        Schedule? weight = null,
        double temperature = 1,
        IObjective? loss = null
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return SemanticTransfer(
            extractor.AsPart(),
            predictor.AsPart(),
            [.. critics.Select(critic => (IDomainCritic?)critic?.AsPart())],
            reversal,
            weight,
            temperature,
            loss
        );
    }
}
