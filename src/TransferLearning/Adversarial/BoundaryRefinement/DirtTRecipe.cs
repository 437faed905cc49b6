using TransferLearning.Adversarial;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DIRT-T (Shu et al. 2018): VADA, then steps on the target alone that move the class boundaries out of its
    /// clusters, each held near a teacher.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic of the first stage, features to one logit.</param>
    /// <param name="teacher">The second stage's teacher, of replicas of the extractor and the predictor.</param>
    /// <param name="epsilon">
    /// The length of the virtual adversarial change, in the inputs' units. Default 3.5, the authors' for images of 32 x
    /// 32 pixels in three channels, from -1 to 1.
    /// </param>
    /// <param name="domain">The weight of the extractor's adversarial term in the first stage. Default 0.005.</param>
    /// <param name="source">
    /// The weight of virtual adversarial training on the source in the first stage. Default 1.
    /// </param>
    /// <param name="target">
    /// The weight of the target's entropy and of virtual adversarial training on it in both stages. Default 0.01.
    /// </param>
    /// <param name="hold">The weight of the teacher in the second stage. Default 0.01.</param>
    /// <param name="refinement">How the second stage trains; null trains by the run's options.</param>
    public static AdaptationBuilder DirtT(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        BoundaryRefinement teacher,
        double epsilon = 3.5,
        Schedule? domain = null,
        Schedule? source = null,
        Schedule? target = null,
        Schedule? hold = null,
        TrainingOptions? refinement = null
    ) =>
        Vada(extractor, predictor, critic, epsilon, domain, source, target)
            .Train(
                extractor,
                predictor,
                net =>
                {
                    KeepClustersWhole(net.Minimize(teacher, hold ?? VadaTarget), epsilon, target);
                    if (refinement is not null)
                    {
                        net.With(refinement);
                    }
                }
            );

    /// <inheritdoc cref="DirtT(IFeatureExtractor, ILabelPredictor, IDomainCritic, BoundaryRefinement, double, Schedule?, Schedule?, Schedule?, Schedule?, TrainingOptions?)"/>
    public static AdaptationBuilder DirtT(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        BoundaryRefinement teacher,
        double epsilon = 3.5,
        Schedule? domain = null,
        Schedule? source = null,
        Schedule? target = null,
        Schedule? hold = null,
        TrainingOptions? refinement = null
    ) =>
        DirtT(
            extractor.AsPart(),
            predictor.AsPart(),
            critic.AsPart(),
            teacher,
            epsilon,
            domain,
            source,
            target,
            hold,
            refinement
        );
}
