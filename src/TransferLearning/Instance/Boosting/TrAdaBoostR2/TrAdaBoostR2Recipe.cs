using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TrAdaBoost.R2 (Pardoe and Stone 2010): TrAdaBoost for values. A stage for <c>Add</c>; it needs labeled target
    /// rows.
    /// </summary>
    /// <param name="learner">The weak learner of values.</param>
    /// <param name="rounds">The number of rounds. Default 20.</param>
    public static TrAdaBoostR2 TrAdaBoostR2(ILabelLearner learner, int rounds = 20) => new(learner) { Rounds = rounds };
}
