using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Rehearsal (Robins 1995): kept rows of an earlier task are learned along with the new one.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="memory">The kept rows.</param>
    /// <param name="oldHead">The earlier task's head, which moves with the network.</param>
    /// <param name="weight">The weight of the kept rows. Default 1.</param>
    public static AdaptationBuilder Rehearsal(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        LabeledDomain memory,
        ILabelPredictor oldHead,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(oldHead);
                net.Minimize(new CrossEntropy()).Minimize(new Rehearsal(memory, oldHead), weight);
            }
        );

    /// <inheritdoc cref="Rehearsal(IFeatureExtractor, ILabelPredictor, LabeledDomain, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder Rehearsal(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        LabeledDomain memory,
        nn.Module<Tensor, Tensor> oldHead,
        Schedule? weight = null
    ) => Rehearsal(extractor.AsPart(), predictor.AsPart(), memory, oldHead.AsPart(), weight);
}
