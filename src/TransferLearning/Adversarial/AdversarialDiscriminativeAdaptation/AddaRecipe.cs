using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>ADDA (Tzeng et al. 2017): train on the source, then let a target extractor pass for it.</summary>
    /// <param name="extractor">
    /// The source's extractor; make it from a recipe, <c>new ModulePart(() => ...)</c>, so that it can be replicated.
    /// </param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="adversarial">How the second stage trains; null trains by the run's options.</param>
    /// <param name="loss">What the labeled rows, in the first stage, cost. Default cross-entropy.</param>
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static AdaptationBuilder Adda(
        ModulePart extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        TrainingOptions? adversarial = null,
        IObjective? loss = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(loss ?? new CrossEntropy()))
            .Add(new AdversarialDiscriminativeAdaptation(critic) { Options = adversarial, Criterion = criterion });

    /// <inheritdoc cref="Adda(ModulePart, ILabelPredictor, IDomainCritic, TrainingOptions?, IObjective?, CriticLoss)"/>
    public static AdaptationBuilder Adda(
        ModulePart extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        TrainingOptions? adversarial = null,
        IObjective? loss = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => Adda(extractor, predictor.AsPart(), critic.AsPart(), adversarial, loss, criterion);
}
