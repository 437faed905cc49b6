using System.Diagnostics.CodeAnalysis;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DST (Chen et al. 2022): cross-entropy, a head that learns the pseudo-labels in the predictor's place, and a head
    /// that estimates how wrong they may be.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor; it is the model's, and learns labels alone.</param>
    /// <param name="pseudoHead">The head that learns the pseudo-labels.</param>
    /// <param name="worstHead">The head of the worst case.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="threshold">The least confidence at which a pseudo-label counts. Default 0.95.</param>
    /// <param name="pseudo">The weight of the pseudo-labels over progress. Default 1.</param>
    /// <param name="worst">The weight of the worst case over progress. Default 1.</param>
    [Experimental("TL1001")]
    public static AdaptationBuilder Dst(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor pseudoHead,
        ILabelPredictor worstHead,
        IAugmentation strong,
        IAugmentation? weak = null,
        double threshold = 0.95,
        Schedule? pseudo = null,
        Schedule? worst = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(pseudoHead, worstHead);
                net.Minimize(new CrossEntropy())
                    .Minimize(new PseudoHead(pseudoHead, strong, weak) { Threshold = threshold }, pseudo)
                    .Minimize(new WorstCaseHead(worstHead), worst);
            }
        );

    /// <inheritdoc cref="Dst(IFeatureExtractor, ILabelPredictor, ILabelPredictor, ILabelPredictor, IAugmentation, IAugmentation?, double, Schedule?, Schedule?)"/>
    [Experimental("TL1001")]
    public static AdaptationBuilder Dst(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> pseudoHead,
        nn.Module<Tensor, Tensor> worstHead,
        IAugmentation strong,
        IAugmentation? weak = null,
        double threshold = 0.95,
        Schedule? pseudo = null,
        Schedule? worst = null
    ) =>
        Dst(
            extractor.AsPart(),
            predictor.AsPart(),
            pseudoHead.AsPart(),
            worstHead.AsPart(),
            strong,
            weak,
            threshold,
            pseudo,
            worst
        );
}
