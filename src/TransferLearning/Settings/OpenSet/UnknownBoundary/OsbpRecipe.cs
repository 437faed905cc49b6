using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// OSBP (Saito et al. 2018), for targets with classes that the source lacks: a classifier with an output for
    /// "unknown" that extractor and classifier contend for.
    /// </summary>
    /// <remarks>Fit it with <see cref="LabeledDomain.WithUnknown"/> of the source.</remarks>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor; its last output is "unknown".</param>
    /// <param name="boundary">The probability of "unknown" that the classifier aims at. Default 0.5.</param>
    /// <param name="weight">The weight of that term over progress. Default 1.</param>
    public static AdaptationBuilder Osbp(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double boundary = 0.5,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).Minimize(new UnknownBoundary { Boundary = boundary }, weight)
        );

    /// <inheritdoc cref="Osbp(IFeatureExtractor, ILabelPredictor, double, Schedule?)"/>
    public static AdaptationBuilder Osbp(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double boundary = 0.5,
        Schedule? weight = null
    ) => Osbp(extractor.AsPart(), predictor.AsPart(), boundary, weight);
}
