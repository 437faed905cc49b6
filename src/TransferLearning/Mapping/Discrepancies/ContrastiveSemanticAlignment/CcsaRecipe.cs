using TransferLearning.Internal;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CCSA (Motiian et al. 2017): cross-entropy, and source rows beside a few labeled target rows, of one class drawn
    /// together, of two held apart.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="share">
    /// The share of the contrast, between 0 and 1; cross-entropy has the rest. Default 0.25, the authors'.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Ccsa(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double share = 0.25,
        IObjective? loss = null
    )
    {
        Guard.InRange(share, 0, 1);
        return new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy(), 1 - share).Minimize(new ContrastiveSemanticAlignment(), share)
        );
    }

    /// <inheritdoc cref="Ccsa(IFeatureExtractor, ILabelPredictor, double, IObjective?)"/>
    public static AdaptationBuilder Ccsa(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double share = 0.25,
        IObjective? loss = null
    ) => Ccsa(extractor.AsPart(), predictor.AsPart(), share, loss);
}
