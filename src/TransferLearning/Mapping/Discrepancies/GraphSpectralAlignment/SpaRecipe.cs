using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SPA (Xiao et al. 2023), without its adversary: cross-entropy, the spectral alignment of the batches' graphs, and
    /// the classes of neighbors in the target.
    /// </summary>
    /// <remarks>The authors add an adversary; compose it with <c>Oppose(critic)</c> where it is wanted.</remarks>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="alignment">The weight of the spectral alignment over progress. Default 1, the authors'.</param>
    /// <param name="propagation">
    /// The weight of the neighbors' term over progress. Default a line from 0 to 1, the authors'.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Spa(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? alignment = null,
        Schedule? propagation = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Align(new GraphSpectralAlignment(), alignment)
                    .Minimize(new NeighborPropagation(), propagation ?? Schedule.Linear(0, 1))
        );

    /// <inheritdoc cref="Spa(IFeatureExtractor, ILabelPredictor, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Spa(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? alignment = null,
        Schedule? propagation = null,
        IObjective? loss = null
    ) => Spa(extractor.AsPart(), predictor.AsPart(), alignment, propagation, loss);
}
