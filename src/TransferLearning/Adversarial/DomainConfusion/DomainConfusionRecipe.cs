using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Simultaneous transfer across domains and tasks (Tzeng et al. 2015): train on the source, then confuse a critic
    /// and, given labeled target examples, pass on the classes' soft labels.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="confusion">The weight of the confusion over progress. Default 0.01.</param>
    /// <param name="softLabels">
    /// The weight of the soft labels over progress, the paper's 0.1 for instance; null leaves them out. They need
    /// labeled target examples.
    /// </param>
    /// <param name="transfer">How the second stage trains; null trains by the run's options.</param>
    public static AdaptationBuilder DomainConfusion(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? confusion = null,
        Schedule? softLabels = null,
        TrainingOptions? transfer = null
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Minimize(new CrossEntropy()).ConfuseDomains(critic, confusion);
                    if (softLabels is not null)
                    {
                        net.Minimize(new ClassSoftLabels(), softLabels);
                    }
                    if (transfer is not null)
                    {
                        net.With(transfer);
                    }
                }
            );

    /// <inheritdoc cref="DomainConfusion(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, Schedule?, TrainingOptions?)"/>
    public static AdaptationBuilder DomainConfusion(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? confusion = null,
        Schedule? softLabels = null,
        TrainingOptions? transfer = null
    ) => DomainConfusion(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), confusion, softLabels, transfer);
}
