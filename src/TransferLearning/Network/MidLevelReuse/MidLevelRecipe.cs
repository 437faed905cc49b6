using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Mid-level reuse (Oquab et al. 2014): the layers of a trained network stay as they are, and new adaptation layers
    /// on top learn the new classes, a background class among them where there is one.
    /// </summary>
    /// <param name="trunk">
    /// The copied layers, <c>[n, ...]</c> to <c>[n, d]</c>; a trained network that is cut, or one that
    /// <see cref="Network.LayerTransfer.Copy"/> has filled. It is frozen.
    /// </param>
    /// <param name="adaptation">
    /// The new hidden layer FCa, <c>[n, d]</c> to <c>[n, k]</c>; the authors take 2,048 rectified units.
    /// </param>
    /// <param name="predictor">The new output layer FCb.</param>
    /// <param name="background">The number of the class of rows that show none of the others; null for none.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy, background rows weighed.</param>
    public static AdaptationBuilder MidLevel(
        ModulePart trunk,
        IFeatureExtractor adaptation,
        ILabelPredictor predictor,
        long? background = null,
        IObjective? loss = null
    )
    {
        ArgumentNullException.ThrowIfNull(trunk);
        ArgumentNullException.ThrowIfNull(adaptation);
        ArgumentNullException.ThrowIfNull(predictor);
        var weights = background is { } number ? new BackgroundRows(number) : null;
        return new AdaptationBuilder().Train(
            ExtractorChain.Of(trunk, adaptation),
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy { Weights = weights })
                    .Optimize(trunk, plan: FreezingPlan.None.Freeze(""))
        );
    }

    /// <inheritdoc cref="MidLevel(ModulePart, IFeatureExtractor, ILabelPredictor, long?, IObjective?)"/>
    public static AdaptationBuilder MidLevel(
        nn.Module<Tensor, Tensor> trunk,
        nn.Module<Tensor, Tensor> adaptation,
        nn.Module<Tensor, Tensor> predictor,
        long? background = null,
        IObjective? loss = null
    ) => MidLevel(trunk.AsPart(), adaptation.AsPart(), predictor.AsPart(), background, loss);
}
