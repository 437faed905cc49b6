using TransferLearning.SelfSupervision;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BYOL (Grill et al. 2020): one view of a row predicts the other's projection by a moving average. An objective
    /// for <c>SelfSupervise</c>.
    /// </summary>
    /// <param name="head">The projection head.</param>
    /// <param name="guess">The predictor of projections.</param>
    /// <param name="goalExtractor">The average of the extractor; the caller disposes it.</param>
    /// <param name="goalHead">The average of the head, likewise.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    /// <param name="momentum">The share of the averages that the first step keeps. Default 0.996.</param>
    public static BootstrapLatent Byol(
        ModulePart head,
        ModulePart guess,
        ModulePart goalExtractor,
        ModulePart goalHead,
        IAugmentation first,
        IAugmentation? second = null,
        double momentum = 0.996
    ) => new(head, guess, goalExtractor, goalHead, first, second) { Momentum = momentum };
}
