using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MMD between sources (DomainBed's, after Li et al. 2018): cross-entropy and the maximum mean discrepancy of
    /// each two sources, by seven Gaussian kernels of gamma 0.001 to 1000.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the discrepancy over progress. Default 1, DomainBed's.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SourceMmd(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(
                        new SourceAlignment(
                            new MaximumMeanDiscrepancy([
                                .. Enumerable.Range(-3, 7).Select(power => new GaussianKernel(Math.Pow(10, power))),
                            ])
                        ),
                        weight
                    )
        );

    /// <inheritdoc cref="SourceMmd(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder SourceMmd(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => SourceMmd(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
