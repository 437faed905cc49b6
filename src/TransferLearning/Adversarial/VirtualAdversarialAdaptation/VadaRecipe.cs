using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    // The authors' weight 0.01 of half the sum over both domains.
    private const double VadaDomain = 0.005;
    private const double VadaTarget = 0.01;

    /// <summary>
    /// VADA (Shu et al. 2018): cross-entropy, a critic in turns, sure target predictions, and predictions of both
    /// domains that survive the change that would change them most.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="epsilon">
    /// The length of the virtual adversarial change, in the inputs' units. Default 3.5, the authors' for images of 32 x
    /// 32 pixels in three channels, from -1 to 1.
    /// </param>
    /// <param name="domain">
    /// The weight of the extractor's adversarial term over progress. Default 0.005, the authors' 0.01 of half the sum.
    /// </param>
    /// <param name="source">The weight of virtual adversarial training on the source. Default 1.</param>
    /// <param name="target">
    /// The weight of the target's entropy and of virtual adversarial training on it. Default 0.01.
    /// </param>
    public static AdaptationBuilder Vada(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        double epsilon = 3.5,
        Schedule? domain = null,
        Schedule? source = null,
        Schedule? target = null
    ) => new AdaptationBuilder().Train(extractor, predictor, net => Vada(net, critic, epsilon, domain, source, target));

    /// <inheritdoc cref="Vada(IFeatureExtractor, ILabelPredictor, IDomainCritic, double, Schedule?, Schedule?, Schedule?)"/>
    public static AdaptationBuilder Vada(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        double epsilon = 3.5,
        Schedule? domain = null,
        Schedule? source = null,
        Schedule? target = null
    ) => Vada(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), epsilon, domain, source, target);

    private static void Vada(
        NetworkTraining net,
        IDomainCritic critic,
        double epsilon,
        Schedule? domain,
        Schedule? source,
        Schedule? target
    )
    {
        net.Minimize(new CrossEntropy())
            .OpposeInTurns(critic, domain ?? VadaDomain)
            .Minimize(new VirtualAdversarialTraining { Epsilon = epsilon, OnSources = true }, source);
        KeepClustersWhole(net, epsilon, target);
    }

    // What VADA and DIRT-T ask of the target alone: no boundary through a cluster.
    private static void KeepClustersWhole(NetworkTraining net, double epsilon, Schedule? weight) =>
        net.Minimize(new EntropyMinimization(), weight ?? VadaTarget)
            .Minimize(new VirtualAdversarialTraining { Epsilon = epsilon }, weight ?? VadaTarget);
}
