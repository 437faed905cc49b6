using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Two-stage TrAdaBoost.R2 (Pardoe and Stone 2010): how far the source fades is chosen by cross-validation. A stage
    /// for <c>Add</c>; it needs labeled target rows.
    /// </summary>
    /// <param name="learner">The weak learner of values.</param>
    /// <param name="steps">The steps of the first stage. Default 10.</param>
    /// <param name="rounds">The rounds of the second stage. Default 10.</param>
    public static TwoStageTrAdaBoostR2 TwoStageTrAdaBoostR2(ILabelLearner learner, int steps = 10, int rounds = 10) =>
        new(learner) { Steps = steps, Rounds = rounds };
}
