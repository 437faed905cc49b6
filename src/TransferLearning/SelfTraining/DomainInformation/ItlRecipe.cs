using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ITL (Shi and Sha 2012): cross-entropy, information of the target's classes as large, and of the rows' domains as
    /// small as can be.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="classes">The weight of the information about classes over progress. Default 0.1.</param>
    /// <param name="domains">The weight of the information about domains over progress. Default 1.</param>
    public static AdaptationBuilder Itl(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? classes = null,
        Schedule? domains = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy())
                    .Minimize(new InformationMaximization(), classes ?? 0.1)
                    .Align(new DomainInformation(), domains ?? 1)
        );

    /// <inheritdoc cref="Itl(IFeatureExtractor, ILabelPredictor, Schedule?, Schedule?)"/>
    public static AdaptationBuilder Itl(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? classes = null,
        Schedule? domains = null
    ) => Itl(extractor.AsPart(), predictor.AsPart(), classes, domains);
}
