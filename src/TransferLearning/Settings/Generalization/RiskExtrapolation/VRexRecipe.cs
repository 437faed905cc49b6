using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// V-REx (Krueger et al. 2021): the mean of the sources' risks and their variance.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the variance over progress. Default 1, and 10 after a tenth of the training, as in DomainBed.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default the mean of the sources' risks.</param>
    public static AdaptationBuilder VRex(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new SourceRisk())
                    .Minimize(new RiskExtrapolation(), weight ?? new Schedule(progress => progress < 0.1 ? 1 : 10))
        );

    /// <inheritdoc cref="VRex(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder VRex(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => VRex(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
