using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TrAdaBoost (Dai et al. 2007): boosting in which source rows that contradict the target fade out. A stage for
    /// <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The weak learner.</param>
    /// <param name="rounds">The number of rounds. Default 20.</param>
    public static TrAdaBoost TrAdaBoost(ILabelLearner learner, int rounds = 20) => new(learner) { Rounds = rounds };

    /// <summary>
    /// Dynamic TrAdaBoost (Al-Stouhi and Reddy 2011): as <see cref="TrAdaBoost"/>, with source rows that are read
    /// rightly keeping their share. A stage for <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The weak learner.</param>
    /// <param name="rounds">The number of rounds. Default 20.</param>
    public static TrAdaBoost DynamicTrAdaBoost(ILabelLearner learner, int rounds = 20) =>
        new(learner) { Rounds = rounds, IsDynamic = true };
}
