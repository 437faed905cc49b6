using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SAN (Cao et al. 2018): cross-entropy, an opposed critic for each class on rows that are read as it, and sure
    /// predictions on the target; for targets that lack some of the source's classes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critics">One critic a class, features to one logit, in the classes' order.</param>
    /// <param name="weight">The weight of the critics' loss over progress. Default 0.1, the authors'.</param>
    /// <param name="reversal">
    /// The factor of the reversed gradient over progress. Default a ramp from 0 to 1 that is at its end after half of
    /// the training, the authors'.
    /// </param>
    /// <param name="entropy">
    /// The weight of the target's entropy over progress. Default the same ramp from 0 to 0.05, the authors'.
    /// </param>
    /// <param name="sharpness">The factor of the scores for the critics' weights. Default 10, the authors'.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    /// <param name="criterion">What the critics minimize. Default cross-entropy.</param>
    public static AdaptationBuilder San(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<IDomainCritic> critics,
        Schedule? weight = null,
        Schedule? reversal = null,
        Schedule? entropy = null,
        double sharpness = 10,
        IObjective? loss = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .OpposeEachClass(critics, weight, reversal, sharpness, criterion)
                    .Minimize(new EntropyMinimization(), entropy ?? Schedule.SigmoidRamp(gamma: 20, height: 0.05))
        );

    /// <inheritdoc cref="San(IFeatureExtractor, ILabelPredictor, IReadOnlyList{IDomainCritic}, Schedule?, Schedule?, Schedule?, double, IObjective?, CriticLoss)"/>
    public static AdaptationBuilder San(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>> critics,
        Schedule? weight = null,
        Schedule? reversal = null,
        Schedule? entropy = null,
        double sharpness = 10,
        IObjective? loss = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    )
    {
        ArgumentNullException.ThrowIfNull(critics);
        return San(
            extractor.AsPart(),
            predictor.AsPart(),
            [.. critics.Select(critic => (IDomainCritic)critic.AsPart())],
            weight,
            reversal,
            entropy,
            sharpness,
            loss,
            criterion
        );
    }
}
