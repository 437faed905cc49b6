using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ExpBoost.R2 (Pardoe and Stone 2010): boosting that may take experts of the sources. A stage for <c>Add</c>.
    /// </summary>
    /// <param name="learner">The weak learner of values.</param>
    /// <param name="rounds">The most rounds. Default 20.</param>
    /// <param name="experts">How many experts each source trains. Default 5.</param>
    public static ExpBoostR2 ExpBoostR2(ILabelLearner learner, int rounds = 20, int experts = 5) =>
        new(learner) { Rounds = rounds, Experts = experts };
}
