using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ARM-CML (Zhang et al. 2021): the mean risk of the sources, each row read beside a context that a network draws
    /// from its batch.
    /// </summary>
    /// <param name="extractor">The extractor of inputs and context side by side, <c>[n, c + k, ...]</c>.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="context">
    /// The context network, inputs <c>[n, c, ...]</c> to <c>[n, k, ...]</c> of the same places.
    /// </param>
    /// <param name="loss">What the labeled rows cost. Default the mean risk of the sources, ERM's.</param>
    public static AdaptationBuilder ArmCml(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IFeatureExtractor context,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            new ContextualExtractor(context, extractor),
            predictor,
            net => net.Minimize(loss ?? new SourceRisk())
        );

    /// <inheritdoc cref="ArmCml(IFeatureExtractor, ILabelPredictor, IFeatureExtractor, IObjective?)"/>
    public static AdaptationBuilder ArmCml(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> context,
        IObjective? loss = null
    ) => ArmCml(extractor.AsPart(), predictor.AsPart(), context.AsPart(), loss);
}
