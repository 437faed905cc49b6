using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DSAN (Zhu et al. 2020): cross-entropy and the mean discrepancy class by class, the target's classes being the
    /// predictions; the weight's ramp lets the first ones settle.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">
    /// The weight of the discrepancy over progress. Default a ramp from 0 to 0.5, the authors'.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Dsan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new LocalMaximumMeanDiscrepancy(), weight ?? Schedule.SigmoidRamp(height: 0.5))
        );

    /// <inheritdoc cref="Dsan(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Dsan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Dsan(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
