using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DARE-GRAM (Nejjar, Wang and Fink 2023): a regression's loss and the distance between the batches' inverse Gram
    /// matrices. Batches have one size.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor, linear in the paper.</param>
    /// <param name="weight">The weight of the distance over progress. Default 1.</param>
    /// <param name="distance">
    /// The distance, with the weights of its two terms. Default those of the authors' program.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default the squared error.</param>
    public static AdaptationBuilder DareGram(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        InverseGramDistance? distance = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new SquaredError()).Align(distance ?? new InverseGramDistance(), weight)
        );

    /// <inheritdoc cref="DareGram(IFeatureExtractor, ILabelPredictor, Schedule?, InverseGramDistance?, IObjective?)"/>
    public static AdaptationBuilder DareGram(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        InverseGramDistance? distance = null,
        IObjective? loss = null
    ) => DareGram(extractor.AsPart(), predictor.AsPart(), weight, distance, loss);
}
