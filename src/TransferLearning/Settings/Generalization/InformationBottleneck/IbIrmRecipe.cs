using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IB-IRM (Ahuja et al. 2021): cross-entropy, the features' variance within each source and IRM's penalty.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the variance over progress. Default 0, and 100 after a tenth of the training, as in DomainBed.
    /// </param>
    /// <param name="invariance">
    /// The weight of IRM's penalty over progress. Default 1, and 100 after a tenth of the training.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder IbIrm(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        Schedule? invariance = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new InformationBottleneck(), weight ?? Schedule.From(0.1, 100))
                    .Minimize(new InvariantRisk(), invariance ?? new Schedule(progress => progress < 0.1 ? 1 : 100))
        );

    /// <inheritdoc cref="IbIrm(IFeatureExtractor, ILabelPredictor, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder IbIrm(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        Schedule? invariance = null,
        IObjective? loss = null
    ) => IbIrm(extractor.AsPart(), predictor.AsPart(), weight, invariance, loss);
}
