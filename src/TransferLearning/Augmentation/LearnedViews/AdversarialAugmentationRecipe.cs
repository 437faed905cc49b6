using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Adversarial augmentation: cross-entropy of labeled rows as they are and as a view shows them that learns, within
    /// its bounds, to make them hard.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="view">The view; it moves, too.</param>
    /// <param name="weight">The weight of the rows as the view shows them over progress. Default 1.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default 1.</param>
    /// <param name="loss">What the labeled rows cost as they are. Default cross-entropy.</param>
    public static AdaptationBuilder AdversarialAugmentation(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILearnedView view,
        Schedule? weight = null,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).OpposeByView(view, reversal, weight)
        );

    /// <inheritdoc cref="AdversarialAugmentation(IFeatureExtractor, ILabelPredictor, ILearnedView, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder AdversarialAugmentation(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        ILearnedView view,
        Schedule? weight = null,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => AdversarialAugmentation(extractor.AsPart(), predictor.AsPart(), view, weight, reversal, loss);
}
