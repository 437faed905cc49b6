using TransferLearning.Network;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Structure expansion and reduction (Segev et al. 2017): a few labeled rows grow and cut back the trees of another
    /// domain. A learner for <c>Learn</c>.
    /// </summary>
    /// <param name="start">The forest of the other domain.</param>
    public static StructureExpansionReduction Ser(ForestPredictor start) => new(start);
}
