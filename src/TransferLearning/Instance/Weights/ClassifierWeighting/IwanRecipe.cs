using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IWAN (Zhang et al. 2018): a first critic weighs the source rows, a second one, on the weighted rows, opposes the
    /// extractor, and target predictions are to be sure; for targets that lack some of the source's classes.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="first">The critic that weighs; it moves in a phase of its own.</param>
    /// <param name="second">The critic that is opposed.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default a ramp from 0 to 1.</param>
    /// <param name="entropy">The weight of the target's entropy over progress. Default 0.1, TLLib's.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Iwan(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic first,
        IDomainCritic second,
        Schedule? reversal = null,
        Schedule? entropy = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Before(phase => phase.Move(first).Minimize(new DomainAdversary(first)))
                    .Minimize(loss ?? new CrossEntropy())
                    .Oppose(second, reversal, new CriticWeighting(first) { IsBounded = true })
                    .Minimize(new EntropyMinimization(), entropy ?? 0.1)
        );

    /// <inheritdoc cref="Iwan(IFeatureExtractor, ILabelPredictor, IDomainCritic, IDomainCritic, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Iwan(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> first,
        nn.Module<Tensor, Tensor> second,
        Schedule? reversal = null,
        Schedule? entropy = null,
        IObjective? loss = null
    ) => Iwan(extractor.AsPart(), predictor.AsPart(), first.AsPart(), second.AsPart(), reversal, entropy, loss);
}
