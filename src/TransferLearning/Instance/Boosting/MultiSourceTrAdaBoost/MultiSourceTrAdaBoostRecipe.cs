using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MultiSource-TrAdaBoost (Yao and Doretto 2010): each round learns from the source that helps most. A stage for
    /// <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The weak learner.</param>
    /// <param name="rounds">The number of rounds. Default 20.</param>
    public static MultiSourceTrAdaBoost MultiSourceTrAdaBoost(ILabelLearner learner, int rounds = 20) =>
        new(learner) { Rounds = rounds };
}
