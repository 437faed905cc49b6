using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BNM (Cui et al. 2020): cross-entropy and a large nuclear norm of the target's predictions, divided by the rows
    /// as in the paper.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the norm over progress. Default 1, the paper's.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Bnm(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new BatchNuclearNorm { IsPerRow = true }, weight)
        );

    /// <inheritdoc cref="Bnm(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Bnm(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Bnm(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
