using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CoDATS-WS (Wilson, Doppa and Cook 2020): CoDATS, and the target's mean prediction is to have the label shares
    /// that somebody has told.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, one logit for the target and one for each source.</param>
    /// <param name="shares">The share of each class in the target, of sum 1.</param>
    /// <param name="weight">The weight of the shares over progress. Default 1, the authors'.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default the ramp from 0 to 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder CodatsWs(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor critic,
        IReadOnlyList<double> shares,
        Schedule? weight = null,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new KnownShares(shares), weight)
                    .OpposeEveryDomain(critic, reversal)
                    .Phase(phase => phase.Move(critic).Minimize(new MultiDomainAdversary(critic)))
        );

    /// <inheritdoc cref="CodatsWs(IFeatureExtractor, ILabelPredictor, ILabelPredictor, IReadOnlyList{double}, Schedule?, Schedule?, IObjective?)"/>
    public static AdaptationBuilder CodatsWs(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        IReadOnlyList<double> shares,
        Schedule? weight = null,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => CodatsWs(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), shares, weight, reversal, loss);
}
