using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DANN across sources (Ganin et al. 2016): cross-entropy and a critic that tells the sources apart, opposed.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit a source.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default the ramp from 0 to 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SourceDann(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor critic,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).OpposeBetweenSources(critic, reversal: reversal)
        );

    /// <inheritdoc cref="SourceDann(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder SourceDann(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => SourceDann(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, loss);
}
