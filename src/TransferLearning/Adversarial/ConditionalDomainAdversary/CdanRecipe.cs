using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CDAN and CDAN+E (Long et al. 2018): cross-entropy and a critic of features and class predictions, opposed by
    /// gradient reversal.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, from classes times features (or the map's outputs) to one logit.</param>
    /// <param name="map">The randomized multilinear map, or null for the exact one.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    /// <param name="entropy">CDAN+E where it is not none.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static AdaptationBuilder Cdan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        RandomizedMultilinearMap? map = null,
        Schedule? reversal = null,
        EntropyConditioning entropy = EntropyConditioning.None,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy())
                    .OpposeConditionally(critic, map, reversal, entropy, criterion: criterion)
        );

    /// <inheritdoc cref="Cdan(IFeatureExtractor, ILabelPredictor, IDomainCritic, RandomizedMultilinearMap?, Schedule?, EntropyConditioning, CriticLoss)"/>
    public static AdaptationBuilder Cdan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        RandomizedMultilinearMap? map = null,
        Schedule? reversal = null,
        EntropyConditioning entropy = EntropyConditioning.None,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => Cdan(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), map, reversal, entropy, criterion);
}
