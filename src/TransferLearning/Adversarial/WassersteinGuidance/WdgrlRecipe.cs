using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// WDGRL (Shen et al. 2018): cross-entropy and the Wasserstein distance of the features, estimated by a critic.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one number.</param>
    /// <param name="weight">The weight of the distance over progress. Default 1, the paper's for digits.</param>
    /// <param name="criticSteps">Steps of the critic for each step of the network. Default 5.</param>
    /// <param name="penalty">The coefficient of the gradient penalty. Default 10.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Wdgrl(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? weight = null,
        int criticSteps = 5,
        double penalty = 10,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).GuideByWasserstein(critic, weight, criticSteps, penalty)
        );

    /// <inheritdoc cref="Wdgrl(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, int, double, IObjective?)"/>
    public static AdaptationBuilder Wdgrl(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        int criticSteps = 5,
        double penalty = 10,
        IObjective? loss = null
    ) => Wdgrl(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), weight, criticSteps, penalty, loss);
}
