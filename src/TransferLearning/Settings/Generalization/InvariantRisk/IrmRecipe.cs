using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IRM (Arjovsky et al. 2019): cross-entropy and the slope of each source's risk in a factor of the scores.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the penalty over progress. Default 1, and 100 after a tenth of the training, as in DomainBed.
    /// </param>
    /// <param name="isSquared">
    /// Whether the slope of all rows is squared, as in the paper and its authors' programs. Default false: the slopes
    /// of two halves of the batch are multiplied, as in DomainBed.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Irm(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        bool isSquared = false,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(
                        new InvariantRisk { IsSquared = isSquared },
                        weight ?? new Schedule(progress => progress < 0.1 ? 1 : 100)
                    )
        );

    /// <inheritdoc cref="Irm(IFeatureExtractor, ILabelPredictor, Schedule?, bool, IObjective?)"/>
    public static AdaptationBuilder Irm(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        bool isSquared = false,
        IObjective? loss = null
    ) => Irm(extractor.AsPart(), predictor.AsPart(), weight, isSquared, loss);
}
