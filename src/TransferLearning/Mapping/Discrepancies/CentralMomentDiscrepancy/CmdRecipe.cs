using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CMD (Zellinger et al. 2017): cross-entropy and the distance of five central moments, the paper's for features in
    /// an interval of length 1, a sigmoid's for instance, and in units of their range for wider ones.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the distance over progress. Default 1, the paper's.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Cmd(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Align(new CentralMomentDiscrepancy(), weight)
        );

    /// <inheritdoc cref="Cmd(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Cmd(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Cmd(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
