using TransferLearning.Network;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The mixed forest (Segev et al. 2017): the trees of SER and those of STRUT together. A learner for <c>Learn</c>.
    /// </summary>
    /// <param name="start">The forest of the other domain.</param>
    public static MixedForest Mix(ForestPredictor start) => new(start);
}
