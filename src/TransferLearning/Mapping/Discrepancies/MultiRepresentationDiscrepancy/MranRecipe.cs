using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MRAN (Zhu et al. 2019): cross-entropy and the mean discrepancy class by class of several representations.
    /// </summary>
    /// <param name="extractor">
    /// The extractor; its features are the representations side by side (<see cref="ParallelBranches"/>).
    /// </param>
    /// <param name="predictor">The label predictor, on all of them.</param>
    /// <param name="widths">How many columns each representation has.</param>
    /// <param name="weight">
    /// The weight of the discrepancy over progress. Default a ramp from 0 to 1, the paper's.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Mran(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<long> widths,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new MultiRepresentationDiscrepancy(widths), weight ?? Schedule.SigmoidRamp())
        );

    /// <inheritdoc cref="Mran(IFeatureExtractor, ILabelPredictor, IReadOnlyList{long}, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Mran(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<long> widths,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Mran(extractor.AsPart(), predictor.AsPart(), widths, weight, loss);
}
