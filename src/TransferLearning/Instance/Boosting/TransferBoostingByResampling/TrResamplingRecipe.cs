using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TrResampling (Liu et al. 2018): each round's learner sees the target and a draw of the source by weight. A stage
    /// for <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The learner.</param>
    /// <param name="rounds">The number of rounds. Default 20.</param>
    public static TransferBoostingByResampling TrResampling(ILabelLearner learner, int rounds = 20) =>
        new(learner) { Rounds = rounds };
}
