using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CDANN across sources (Li et al. 2018): cross-entropy and a critic that tells the sources apart by features and
    /// label, opposed.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features and one-hot label to one logit a source.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default the ramp from 0 to 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SourceCdann(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor critic,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .OpposeBetweenSources(critic, reversal: reversal, isConditional: true)
        );

    /// <inheritdoc cref="SourceCdann(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder SourceCdann(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => SourceCdann(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, loss);
}
