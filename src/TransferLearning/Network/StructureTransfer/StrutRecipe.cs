using TransferLearning.Network;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Structure transfer (Segev et al. 2017): a few labeled rows give the trees of another domain new thresholds and
    /// leaves. A learner for <c>Learn</c>.
    /// </summary>
    /// <param name="start">The forest of the other domain.</param>
    public static StructureTransfer Strut(ForestPredictor start) => new(start);
}
