using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BSP (Chen et al. 2019) with DANN: an opposed critic, and a penalty on the largest singular values of the
    /// features.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
    /// <param name="weight">The weight of the penalty over progress. Default 0.0001, the authors'.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Bsp(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? reversal = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Oppose(critic, reversal)
                    .Minimize(new BatchSpectralPenalization(), weight ?? 0.0001)
        );

    /// <inheritdoc cref="Bsp(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Bsp(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        Schedule? weight = null,
        IObjective? loss = null
    ) => Bsp(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, weight, loss);
}
