using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TaskTrAdaBoost (Yao and Doretto 2010): weak classifiers that the sources found, weighted on the target. A stage
    /// for <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The weak learner.</param>
    /// <param name="rounds">The number of rounds. Default 20.</param>
    public static TaskTrAdaBoost TaskTrAdaBoost(ILabelLearner learner, int rounds = 20) =>
        new(learner) { Rounds = rounds };
}
