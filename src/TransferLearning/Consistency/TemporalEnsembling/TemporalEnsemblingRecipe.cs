using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Temporal ensembling (Laine and Aila 2017): cross-entropy, and predictions that agree with the average of those
    /// of earlier steps.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="view">The augmentation of every look, or null for the rows themselves, under dropout.</param>
    /// <param name="weight">
    /// The weight of the term over progress. Default the authors': 30 after a Gaussian ramp over 80 of 300 epochs.
    /// </param>
    /// <param name="decay">The share of the memory that a further reading leaves. Default 0.6, the authors'.</param>
    /// <param name="loss">The labeled rows' loss. Default cross-entropy.</param>
    public static AdaptationBuilder TemporalEnsembling(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IAugmentation? view = null,
        Schedule? weight = null,
        double decay = 0.6,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(
                        new TemporalEnsembling(view) { Decay = decay },
                        weight ?? Schedule.GaussianRamp(80.0 / 300, 30)
                    )
        );

    /// <inheritdoc cref="TemporalEnsembling(IFeatureExtractor, ILabelPredictor, IAugmentation?, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder TemporalEnsembling(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IAugmentation? view = null,
        Schedule? weight = null,
        double decay = 0.6,
        IObjective? loss = null
    ) => TemporalEnsembling(extractor.AsPart(), predictor.AsPart(), view, weight, decay, loss);
}
