using System.Diagnostics.CodeAnalysis;
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TransNorm (Wang et al. 2019) with DANN: each domain is normalized by its own statistics, channels on which the
    /// domains agree count more.
    /// </summary>
    /// <param name="network">The network, with layers <see cref="TransferableNormalization"/>.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
    /// <param name="sources">The number of sources. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    [Experimental("TL1002")]
    public static AdaptationBuilder TransNorm(
        IFeatureExtractor network,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? reversal = null,
        int sources = 1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            new DomainNormalizedExtractor(network, sources),
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Oppose(critic, reversal)
        );

    /// <inheritdoc cref="TransNorm(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, int, IObjective?)"/>
    [Experimental("TL1002")]
    public static AdaptationBuilder TransNorm(
        nn.Module<Tensor, Tensor> network,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        int sources = 1,
        IObjective? loss = null
    ) => TransNorm(network.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, sources, loss);
}
