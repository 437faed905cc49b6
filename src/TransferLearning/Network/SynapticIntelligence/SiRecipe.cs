using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SI (Zenke et al. 2017): a task is learned while what earlier ones needed is held; call <c>Consolidate</c> after
    /// each.
    /// </summary>
    /// <param name="extractor">The extractor that all tasks share.</param>
    /// <param name="predictor">The present task's head.</param>
    /// <param name="intelligence">What earlier tasks needed; the caller disposes it.</param>
    public static AdaptationBuilder Si(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        SynapticIntelligence intelligence
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Minimize(intelligence)
        );

    /// <inheritdoc cref="Si(IFeatureExtractor, ILabelPredictor, SynapticIntelligence)"/>
    public static AdaptationBuilder Si(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        SynapticIntelligence intelligence
    ) => Si(extractor.AsPart(), predictor.AsPart(), intelligence);
}
