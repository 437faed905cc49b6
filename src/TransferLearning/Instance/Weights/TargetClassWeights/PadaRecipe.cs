using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// PADA (Cao et al. 2018): cross-entropy and an opposed critic, source rows weighed by how often the target is read
    /// as their class; for targets that lack some of the source's classes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
    /// <param name="temperature">What the target's scores are divided by. Default 1, the paper's.</param>
    /// <param name="loss">What the labeled rows cost under these weights. Default weighted cross-entropy.</param>
    public static AdaptationBuilder Pada(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? reversal = null,
        double temperature = 1,
        Func<IRowWeights, IObjective>? loss = null
    )
    {
        var weights = new TargetClassWeights { Temperature = temperature };
        return new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss?.Invoke(weights) ?? new CrossEntropy { Weights = weights })
                    .Oppose(critic, reversal, weights)
        );
    }

    /// <inheritdoc cref="Pada(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, double, Func{IRowWeights, IObjective}?)"/>
    public static AdaptationBuilder Pada(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        double temperature = 1,
        Func<IRowWeights, IObjective>? loss = null
    ) => Pada(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, temperature, loss);
}
