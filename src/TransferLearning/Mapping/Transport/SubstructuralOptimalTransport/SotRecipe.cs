using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SOT (Lu et al. 2021): parts of classes are matched with parts of the target. A stage for <c>Add</c>.
    /// </summary>
    /// <param name="learner">The learner. Default the nearest neighbor.</param>
    public static SubstructuralOptimalTransport Sot(ILabelLearner? learner = null) => new(learner);
}
