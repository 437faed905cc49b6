using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>MinEnt (Grandvalet and Bengio 2004): cross-entropy and sure predictions on the target.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the entropy over progress. Default 0.1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder MinEnt(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new EntropyMinimization(), weight ?? 0.1)
        );

    /// <inheritdoc cref="MinEnt(IFeatureExtractor, ILabelPredictor, Schedule?, IObjective?)"/>
    public static AdaptationBuilder MinEnt(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        IObjective? loss = null
    ) => MinEnt(extractor.AsPart(), predictor.AsPart(), weight, loss);
}
