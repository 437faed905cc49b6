using TransferLearning.Predictors;
using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Cross-labeling: a labeler of each domain reads the same rows; agreement and Cohen's kappa say whether the
    /// domains label alike.
    /// </summary>
    /// <param name="learner">The learner of both. Default logistic regression.</param>
    public static CrossLabeling CrossLabeling(ILabelLearner? learner = null) =>
        new() { Learner = learner ?? new LogisticRegression() };
}
