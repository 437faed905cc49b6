using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>L2-SP (Li, Grandvalet and Davoine 2018): fine-tuning held near the pre-trained parameters.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="penalty">
    /// The penalty on the extractor, and on the head where it was told of it; the caller disposes it.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder L2Sp(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        StartingPointPenalty penalty,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(penalty)
        );

    /// <inheritdoc cref="L2Sp(IFeatureExtractor, ILabelPredictor, StartingPointPenalty, IObjective?)"/>
    public static AdaptationBuilder L2Sp(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        StartingPointPenalty penalty,
        IObjective? loss = null
    ) => L2Sp(extractor.AsPart(), predictor.AsPart(), penalty, loss);
}
