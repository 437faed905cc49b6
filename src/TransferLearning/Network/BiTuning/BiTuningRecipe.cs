using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Bi-tuning (Zhong et al. 2020): fine-tuning by cross-entropy and by contrasts of labeled rows, by projections and
    /// by the classifier's weights.
    /// </summary>
    /// <param name="extractor">The pre-trained extractor.</param>
    /// <param name="predictor">The new head, a linear layer.</param>
    /// <param name="projector">Features to projections; it moves with the network.</param>
    /// <param name="keyExtractor">The average of the extractor; the caller disposes it.</param>
    /// <param name="keyProjector">The average of the projector, likewise.</param>
    /// <param name="first">How the network looks at rows, or null for the rows themselves.</param>
    /// <param name="second">How the averages look at rows, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the contrasts. Default 1.</param>
    public static AdaptationBuilder BiTuning(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ModulePart projector,
        ModulePart keyExtractor,
        ModulePart keyProjector,
        IAugmentation? first = null,
        IAugmentation? second = null,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(projector);
                net.Minimize(new CrossEntropy())
                    .Minimize(new BiTuning(projector, keyExtractor, keyProjector, first, second), weight);
            }
        );

    /// <inheritdoc cref="BiTuning(IFeatureExtractor, ILabelPredictor, ModulePart, ModulePart, ModulePart, IAugmentation?, IAugmentation?, Schedule?)"/>
    public static AdaptationBuilder BiTuning(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        ModulePart projector,
        ModulePart keyExtractor,
        ModulePart keyProjector,
        IAugmentation? first = null,
        IAugmentation? second = null,
        Schedule? weight = null
    ) => BiTuning(extractor.AsPart(), predictor.AsPart(), projector, keyExtractor, keyProjector, first, second, weight);
}
