using TransferLearning.Predictors;
using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The terms of the bound on the target's error (Ben-David et al. 2010): <c>Of</c> estimates each and says which
    /// cannot be known.
    /// </summary>
    /// <param name="learner">The learner whose predictors are the hypotheses. Default logistic regression.</param>
    public static AdaptationBound AdaptationBound(ILabelLearner? learner = null) =>
        new() { Learner = learner ?? new LogisticRegression() };
}
