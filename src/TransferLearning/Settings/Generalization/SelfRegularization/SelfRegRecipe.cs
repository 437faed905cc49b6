using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SelfReg (Kim et al. 2021): cross-entropy, and scores and features of rows of one class drawn together.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="projector">A part <c>[n, d]</c> to <c>[n, d]</c>.</param>
    /// <param name="weight">The weight of the pairs' term over progress. Default 1, the authors'.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SelfReg(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor projector,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Minimize(loss ?? new CrossEntropy()).Minimize(new SelfRegularization(projector), weight);
                net.Main.Move(projector);
            }
        );

    /// <inheritdoc cref="SelfReg(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder SelfReg(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> projector,
        Schedule? weight = null,
        IObjective? loss = null
    ) => SelfReg(extractor.AsPart(), predictor.AsPart(), projector.AsPart(), weight, loss);
}
