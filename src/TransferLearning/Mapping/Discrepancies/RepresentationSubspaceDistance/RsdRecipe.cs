using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// RSD (Chen et al. 2021): a regression's loss and the angles between the batches' subspaces. Batches have one
    /// size, at most the features' width.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the distance over progress. Default 1.</param>
    /// <param name="mismatchWeight">
    /// The weight of the bases' mismatch within the distance. Default 0.1, the authors'.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default the squared error.</param>
    public static AdaptationBuilder Rsd(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        double mismatchWeight = 0.1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new SquaredError())
                    .Align(new RepresentationSubspaceDistance(mismatchWeight), weight)
        );

    /// <inheritdoc cref="Rsd(IFeatureExtractor, ILabelPredictor, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder Rsd(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        double mismatchWeight = 0.1,
        IObjective? loss = null
    ) => Rsd(extractor.AsPart(), predictor.AsPart(), weight, mismatchWeight, loss);
}
