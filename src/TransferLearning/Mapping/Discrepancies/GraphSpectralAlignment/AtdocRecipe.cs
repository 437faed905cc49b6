using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ATDOC (Liang, Hu and Feng 2021) by neighborhoods: cross-entropy, and target rows labeled by their nearest
    /// neighbors in a memory of the target.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the neighbors' labels over progress. Default a line from 0 to 1.</param>
    /// <param name="neighbors">How many neighbors. Default 5.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Atdoc(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        int neighbors = 5,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new NeighborPropagation { Neighbors = neighbors }, weight ?? Schedule.Linear(0, 1))
        );

    /// <inheritdoc cref="Atdoc(IFeatureExtractor, ILabelPredictor, Schedule?, int, IObjective?)"/>
    public static AdaptationBuilder Atdoc(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        int neighbors = 5,
        IObjective? loss = null
    ) => Atdoc(extractor.AsPart(), predictor.AsPart(), weight, neighbors, loss);
}
