using TransferLearning.Network;
using TransferLearning.SelfTraining;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DECISION (Ahmed et al. 2021): several source models learn the target together, without a source row: their
    /// networks and their shares move, by sure and diverse predictions and by centroid pseudo-labels of the mixture.
    /// </summary>
    /// <remarks>
    /// Each network and its classifier must be trained on its source before, with label smoothing in the paper. Fit it
    /// with <see cref="AdaptationBuilder.FitSourceFree"/>, or with sources all the same.
    /// </remarks>
    /// <param name="extractor">
    /// The trained networks side by side, <c>new ParallelBranches(first, second)</c>; all of one width.
    /// </param>
    /// <param name="predictor">
    /// Their trained classifiers, <c>new SourceMixture(first, second)</c>; the classifiers stay, their shares move.
    /// </param>
    /// <param name="weight">The weight of the pseudo-labels over progress. Default 0.3, the authors'.</param>
    public static AdaptationBuilder Decision(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new InformationMaximization())
                    .Minimize(new MixedCentroidLabels(), weight ?? 0.3)
                    .Optimize(predictor, plan: FreezingPlan.None.Freeze("classifier"))
        );

    /// <inheritdoc cref="Decision(IFeatureExtractor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder Decision(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null
    ) => Decision(extractor.AsPart(), predictor.AsPart(), weight);
}
