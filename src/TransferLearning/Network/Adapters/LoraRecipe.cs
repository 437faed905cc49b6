using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// LoRA (Hu et al. 2022) and adapters: a frozen network with adapters in it is tuned by these and a new head.
    /// </summary>
    /// <param name="extractor">The pre-trained extractor, its layers wrapped or followed by adapters.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Lora(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Optimize(extractor, plan: new AdapterPlan())
        );

    /// <inheritdoc cref="Lora(IFeatureExtractor, ILabelPredictor, IObjective?)"/>
    public static AdaptationBuilder Lora(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IObjective? loss = null
    ) => Lora(extractor.AsPart(), predictor.AsPart(), loss);
}
