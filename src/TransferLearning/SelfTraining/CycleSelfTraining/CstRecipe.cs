using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CST (Liu, Wang and Long 2021): cross-entropy, a classifier of the target's readings that must read the source, a
    /// Tsallis entropy, and sure readings as labels of augmented rows.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="cycle">The weight of the cycle over progress. Default 0.5, the authors'.</param>
    /// <param name="entropy">The weight of the entropy over progress. Default 0.08, the authors'.</param>
    /// <param name="pseudo">The weight of the pseudo-labels over progress. Default 0.5, the authors'.</param>
    /// <param name="threshold">The least confidence of pseudo-labels. Default 0.97, the authors'.</param>
    public static AdaptationBuilder Cst(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation strong,
        Schedule? cycle = null,
        Schedule? entropy = null,
        Schedule? pseudo = null,
        double threshold = 0.97
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy())
                    .Minimize(new CycleSelfTraining(), cycle ?? 0.5)
                    .Minimize(new TsallisEntropy(), entropy ?? 0.08)
                    .Minimize(new FixMatch(strong) { Threshold = threshold }, pseudo ?? 0.5)
        );

    /// <inheritdoc cref="Cst(IFeatureExtractor, ILabelPredictor, IAugmentation, Schedule?, Schedule?, Schedule?, double)"/>
    public static AdaptationBuilder Cst(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation strong,
        Schedule? cycle = null,
        Schedule? entropy = null,
        Schedule? pseudo = null,
        double threshold = 0.97
    ) => Cst(extractor.AsPart(), predictor.AsPart(), strong, cycle, entropy, pseudo, threshold);
}
