using TransferLearning.Predictors;
using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The disparity discrepancy of a hypothesis (Zhang et al. 2019) and the distance over the symmetric-difference
    /// space (Ben-David et al. 2010), by two classifiers that agree on the source and disagree on the target.
    /// </summary>
    /// <param name="learner">The learner whose predictors are the hypotheses. Default logistic regression.</param>
    public static DisparityDiscrepancy Hdh(ILabelLearner? learner = null) =>
        new() { Learner = learner ?? new LogisticRegression() };
}
