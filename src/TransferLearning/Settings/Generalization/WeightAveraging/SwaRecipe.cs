using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SWA (Izmailov et al. 2018): cross-entropy, and at the end the mean of the weights over the last part of the
    /// training.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="start">The share of training after which weights are averaged. Default 0.5.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Swa(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double start = 0.5,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Use(new WeightAveraging { Start = start })
        );

    /// <inheritdoc cref="Swa(IFeatureExtractor, ILabelPredictor, double, IObjective?)"/>
    public static AdaptationBuilder Swa(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double start = 0.5,
        IObjective? loss = null
    ) => Swa(extractor.AsPart(), predictor.AsPart(), start, loss);
}
