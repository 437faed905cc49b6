using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MFSAN (Zhu, Zhuang and Wang 2019): a branch and a classifier for each source, each branch aligned with the
    /// target, the classifiers agreeing on it.
    /// </summary>
    /// <param name="extractor">The extractor that all domains share.</param>
    /// <param name="branches">A branch and a classifier for each source.</param>
    /// <param name="alignment">
    /// The weight of the branches' alignment over progress. Default a ramp from 0 to 1, the paper's.
    /// </param>
    /// <param name="disagreement">
    /// The weight of the classifiers' disagreement over progress. Default the same ramp.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default the cross-entropy of each branch on its source.</param>
    public static AdaptationBuilder Mfsan(
        IFeatureExtractor extractor,
        SourceBranches branches,
        Schedule? alignment = null,
        Schedule? disagreement = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            branches,
            net =>
                net.Minimize(loss ?? new BranchCrossEntropy())
                    .Minimize(new BranchAlignment(), alignment ?? Schedule.SigmoidRamp())
                    .Minimize(new BranchDisagreement(), disagreement ?? Schedule.SigmoidRamp())
        );

    /// <inheritdoc cref="Mfsan(IFeatureExtractor, SourceBranches, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Mfsan(
        nn.Module<Tensor, Tensor> extractor,
        SourceBranches branches,
        Schedule? alignment = null,
        Schedule? disagreement = null,
        IObjective? loss = null
    ) => Mfsan(extractor.AsPart(), branches, alignment, disagreement, loss);
}
