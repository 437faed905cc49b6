using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DSBN (Chang et al. 2019): batch normalization of its own for each domain, here beside a discrepancy of the
    /// features.
    /// </summary>
    /// <param name="network">The network, with layers <see cref="DomainSpecificBatchNormalization"/>.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="discrepancy">What is aligned. Default the multi-kernel mean discrepancy.</param>
    /// <param name="weight">The weight of the discrepancy over progress. Default 0.1.</param>
    /// <param name="sources">The number of sources. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Dsbn(
        IFeatureExtractor network,
        ILabelPredictor predictor,
        IDiscrepancy? discrepancy = null,
        Schedule? weight = null,
        int sources = 1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            new DomainNormalizedExtractor(network, sources),
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Align(discrepancy ?? new MultiKernelMaximumMeanDiscrepancy(), weight ?? 0.1)
        );

    /// <inheritdoc cref="Dsbn(IFeatureExtractor, ILabelPredictor, IDiscrepancy?, Schedule?, int, IObjective?)"/>
    public static AdaptationBuilder Dsbn(
        nn.Module<Tensor, Tensor> network,
        nn.Module<Tensor, Tensor> predictor,
        IDiscrepancy? discrepancy = null,
        Schedule? weight = null,
        int sources = 1,
        IObjective? loss = null
    ) => Dsbn(network.AsPart(), predictor.AsPart(), discrepancy, weight, sources, loss);
}
