using TransferLearning.SelfSupervision;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SimSiam (Chen and He 2021): one view of a row predicts the projection of the other. An objective for
    /// <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="guess">The predictor of projections.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    public static SiameseSimilarity SimSiam(
        ILabelPredictor head,
        ILabelPredictor guess,
        IAugmentation first,
        IAugmentation? second = null
    ) => new(head, guess, first, second);

    /// <inheritdoc cref="SimSiam(ILabelPredictor, ILabelPredictor, IAugmentation, IAugmentation?)"/>
    public static SiameseSimilarity SimSiam(
        nn.Module<Tensor, Tensor> head,
        nn.Module<Tensor, Tensor> guess,
        IAugmentation first,
        IAugmentation? second = null
    ) => SimSiam(head.AsPart(), guess.AsPart(), first, second);
}
