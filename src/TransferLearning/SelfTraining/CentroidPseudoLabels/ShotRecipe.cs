using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SHOT (Liang, Hu and Feng 2020): a trained extractor learns the target by sure and diverse predictions and by
    /// centroid pseudo-labels, under the source's predictor, which stays.
    /// </summary>
    /// <remarks>
    /// Both parts must be trained on the source before, with label smoothing in the paper. No source row is looked at:
    /// fit it with <see cref="AdaptationBuilder.FitSourceFree"/>, or with a source all the same.
    /// </remarks>
    /// <param name="extractor">The trained extractor; it moves.</param>
    /// <param name="predictor">The trained label predictor; it stays.</param>
    /// <param name="weight">The weight of the pseudo-labels over progress. Default 0.3, the authors'.</param>
    public static AdaptationBuilder Shot(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Phase(phase =>
                    phase
                        .Move(extractor)
                        .Minimize(new InformationMaximization())
                        .Minimize(new CentroidPseudoLabels(), weight ?? 0.3)
                )
        );

    /// <inheritdoc cref="Shot(IFeatureExtractor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder Shot(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null
    ) => Shot(extractor.AsPart(), predictor.AsPart(), weight);
}
