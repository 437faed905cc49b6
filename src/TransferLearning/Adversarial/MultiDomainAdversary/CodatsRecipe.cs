using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CoDATS (Wilson, Doppa and Cook 2020): cross-entropy and one critic that tells the target and each source apart,
    /// opposed. <see cref="SeriesNetworks"/> has its networks for time series.
    /// </summary>
    /// <remarks>
    /// As in the authors' program the critic takes a second step of its own, on features as the first has left them.
    /// </remarks>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, one logit for the target and one for each source.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default the ramp from 0 to 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Codats(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor critic,
        Schedule? reversal = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .OpposeEveryDomain(critic, reversal)
                    .Phase(phase => phase.Move(critic).Minimize(new MultiDomainAdversary(critic)))
        );

    /// <inheritdoc cref="Codats(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Codats(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? reversal = null,
        IObjective? loss = null
    ) => Codats(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), reversal, loss);
}
