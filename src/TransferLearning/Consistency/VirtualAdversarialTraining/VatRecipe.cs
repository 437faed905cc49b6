using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// VAT (Miyato et al. 2018): cross-entropy, and predictions that stand still where inputs move in the direction
    /// that changes them most.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="epsilon">How far inputs move. Default 1.</param>
    /// <param name="loss">The labeled rows' loss. Default cross-entropy.</param>
    public static AdaptationBuilder Vat(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        double epsilon = 1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new VirtualAdversarialTraining { Epsilon = epsilon }, weight)
        );

    /// <inheritdoc cref="Vat(IFeatureExtractor, ILabelPredictor, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder Vat(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        double epsilon = 1,
        IObjective? loss = null
    ) => Vat(extractor.AsPart(), predictor.AsPart(), weight, epsilon, loss);
}
