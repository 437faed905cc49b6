using TransferLearning.Network;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Regular transfer (Chelba and Acero 2004): few rows move a linear model of other rows, held near what it was. A
    /// learner for <c>Learn</c>.
    /// </summary>
    /// <param name="start">The first model.</param>
    /// <param name="inversePenalty">The inverse strength of the pull toward it. Default 1.</param>
    public static RegularTransfer RegularTransfer(LinearPredictor start, double inversePenalty = 1) =>
        new(start) { InversePenalty = inversePenalty };
}
