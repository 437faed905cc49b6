using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Published methods by their acronyms, with their papers' defaults; each could be written by hand.</summary>
/// <remarks>
/// A method that trains a network, or needs several parts, comes as a chain that is ready to fit. A method that is one
/// part, a map, a weighting, a stage or a discrepancy, comes as that part, to be put into a chain; where it is a
/// record, <c>with</c> changes the rest of its settings. Losses and weights over progress are parameters.
/// </remarks>
public static partial class Recipes
{
    /// <summary>DANN (Ganin et al. 2016): cross-entropy and a critic opposed by gradient reversal.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the paper's ramp from 0 to 1.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static AdaptationBuilder Dann(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? reversal = null,
        IObjective? loss = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Oppose(critic, reversal, criterion: criterion)
        );

    /// <inheritdoc cref="Dann(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, IObjective?, CriticLoss)"/>
    public static AdaptationBuilder Dann(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        IObjective? loss = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => Dann(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, loss, criterion);
}
