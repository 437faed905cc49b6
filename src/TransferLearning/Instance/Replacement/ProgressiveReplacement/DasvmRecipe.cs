using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DASVM (Bruzzone and Marconcini 2010): source rows leave round by round while target rows come in with labels of
    /// the learner's own. A stage for <c>Add</c>.
    /// </summary>
    /// <param name="learner">The learner; the paper's is a support vector machine.</param>
    public static ProgressiveReplacement Dasvm(ILabelLearner learner) => new(learner);
}
