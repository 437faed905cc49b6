using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// OVANet (Saito and Saenko 2021), for targets that may lack classes of the source and have others: a classifier of
    /// "of it" against "not of it" for each class learns where known ends, and no threshold is chosen.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="heads">
    /// Features to <c>[n, 2 C]</c>: C logits for "not of this class", then C for "of it". The authors' is one linear
    /// layer without bias.
    /// </param>
    /// <param name="weight">The weight of the target's entropy over progress. Default 0.1.</param>
    public static AdaptationBuilder OvaNet(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor heads,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).TellOneVersusAll(heads, weight))
            .RejectUnknown(new OneVersusAllRule(heads));

    /// <inheritdoc cref="OvaNet(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder OvaNet(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> heads,
        Schedule? weight = null
    ) => OvaNet(extractor.AsPart(), predictor.AsPart(), heads.AsPart(), weight);
}
