using TransferLearning.Mapping;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// RTN (Long et al. 2016): the source's classifier is the target's and a residual, features fused with scores are
    /// aligned, and target predictions are to be sure.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor; it is the target's and the model's.</param>
    /// <param name="residual">
    /// From the target's scores to the source's, the sum included: <see cref="ClassifierResidual"/>.
    /// </param>
    /// <param name="alignment">The weight of the alignment over progress. Default 0.3, the paper's.</param>
    /// <param name="entropy">The weight of the entropy over progress. Default 0.3, the paper's.</param>
    /// <param name="loss">
    /// What the labeled rows cost. Default the cross-entropy of the source's classifier; another one must bring the
    /// residual in, or leaves it without a gradient.
    /// </param>
    public static AdaptationBuilder Rtn(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor residual,
        Schedule? alignment = null,
        Schedule? entropy = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(residual);
                net.Minimize(loss ?? new ResidualCrossEntropy(residual))
                    .Minimize(new FusedAlignment(), alignment ?? 0.3)
                    .Minimize(new EntropyMinimization(), entropy ?? 0.3);
            }
        );

    /// <inheritdoc cref="Rtn(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Rtn(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> residual,
        Schedule? alignment = null,
        Schedule? entropy = null,
        IObjective? loss = null
    ) => Rtn(extractor.AsPart(), predictor.AsPart(), residual.AsPart(), alignment, entropy, loss);
}
