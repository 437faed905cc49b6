using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ETN (Cao et al. 2019): cross-entropy and an opposed critic on source rows that weigh by how little an auxiliary
    /// classifier of the source's classes recognizes them, and sure predictions on the target; for targets that lack
    /// some of the source's classes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic that is opposed.</param>
    /// <param name="auxiliary">The auxiliary classifier, features to as many scores as there are classes.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default a ramp from 0 to 1 that is at its end after a quarter
    /// of the training, the authors' program's, which counts each of its critic's two passes a step.
    /// </param>
    /// <param name="entropy">The weight of the target's entropy over progress. Default 0.2, the authors'.</param>
    /// <param name="domainFactor">The factor of the domains in the auxiliary classifier's loss. Default 10.</param>
    /// <param name="loss">What the labeled rows cost under the weights. Default weighted cross-entropy.</param>
    public static AdaptationBuilder Etn(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        ILabelPredictor auxiliary,
        Schedule? reversal = null,
        Schedule? entropy = null,
        double domainFactor = 10,
        Func<IRowWeights, IObjective>? loss = null
    )
    {
        var weights = new CriticWeighting(new LeakyCritic(auxiliary)) { IsBounded = true };
        return new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(auxiliary);
                net.Minimize(loss?.Invoke(weights) ?? new CrossEntropy { Weights = weights })
                    .Oppose(critic, reversal ?? Schedule.SigmoidRamp(gamma: 40), weights)
                    .Minimize(new EntropyMinimization(), entropy ?? 0.2)
                    .Minimize(new ExampleTransfer(auxiliary) { DomainFactor = domainFactor });
            }
        );
    }

    /// <inheritdoc cref="Etn(IFeatureExtractor, ILabelPredictor, IDomainCritic, ILabelPredictor, Schedule?, Schedule?, double, Func{IRowWeights, IObjective}?)"/>
    public static AdaptationBuilder Etn(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        nn.Module<Tensor, Tensor> auxiliary,
        Schedule? reversal = null,
        Schedule? entropy = null,
        double domainFactor = 10,
        Func<IRowWeights, IObjective>? loss = null
    ) =>
        Etn(
            extractor.AsPart(),
            predictor.AsPart(),
            critic.AsPart(),
            auxiliary.AsPart(),
            reversal,
            entropy,
            domainFactor,
            loss
        );
}
