using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>EWC (Kirkpatrick et al. 2017): a new task is learned while what an earlier one needs is held.</summary>
    /// <param name="extractor">The extractor that the earlier task was learned with.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="consolidation">What the earlier task needs; the caller disposes it.</param>
    public static AdaptationBuilder Ewc(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ElasticWeightConsolidation consolidation
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Minimize(consolidation)
        );

    /// <inheritdoc cref="Ewc(IFeatureExtractor, ILabelPredictor, ElasticWeightConsolidation)"/>
    public static AdaptationBuilder Ewc(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        ElasticWeightConsolidation consolidation
    ) => Ewc(extractor.AsPart(), predictor.AsPart(), consolidation);
}
