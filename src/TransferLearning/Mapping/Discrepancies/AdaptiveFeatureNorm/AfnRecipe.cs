using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SAFN (Xu et al. 2019): cross-entropy and features whose norms grow step by step in both domains.
    /// </summary>
    /// <param name="extractor">
    /// The extractor; it should end in a linear layer, batch normalization, ReLU and dropout, as the authors' does, or
    /// norms grow without end.
    /// </param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the norms' term over progress. Default 0.05, the authors'.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Afn(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new AdaptiveFeatureNorm(), weight ?? 0.05)
        );

    /// <inheritdoc cref="Afn(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Afn(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Afn(extractor.AsPart(), predictor.AsPart(), weight, loss);

    /// <summary>
    /// HAFN (Xu et al. 2019): cross-entropy and features whose mean norm is drawn to one constant in both domains.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the norms' term over progress. Default 0.05, the authors'.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Hafn(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new HardAdaptiveFeatureNorm(), weight ?? 0.05)
        );

    /// <inheritdoc cref="Hafn(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Hafn(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Hafn(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
