using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CyCADA (Hoffman et al. 2018): a network trains on the source, source images are translated so that it still
    /// reads them, and the network goes on with them and a critic of features.
    /// </summary>
    /// <remarks>
    /// The translation's weights are those of the authors' program for digits: cycles 1, no identities, passing for the
    /// target's images 2, semantics 1. Features are opposed by gradient reversal, as DANN does.
    /// </remarks>
    /// <param name="networks">The generators and critics. The caller disposes them, after the model.</param>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic of features, to one logit.</param>
    /// <param name="translation">
    /// How the translation trains; null takes the run's epochs and batches, and the authors' Adam.
    /// </param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default the ramp from 0 to 1, gamma 10.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Cycada(
        TranslationNetworks networks,
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        TrainingOptions? translation = null,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(loss ?? new CrossEntropy()))
            .Add(
                new ImageTranslation(networks)
                {
                    Cycle = 1,
                    Identity = 0,
                    TowardTarget = 2,
                    Semantics = new SemanticConsistency(),
                    Options = translation,
                }
            )
            .Train(extractor, predictor, net => net.Minimize(loss ?? new CrossEntropy()).Oppose(critic, reversal));

    /// <inheritdoc cref="Cycada(TranslationNetworks, IFeatureExtractor, ILabelPredictor, IDomainCritic, TrainingOptions?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Cycada(
        TranslationNetworks networks,
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        TrainingOptions? translation = null,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => Cycada(networks, extractor.AsPart(), predictor.AsPart(), critic.AsPart(), translation, reversal, loss);
}
