using TransferLearning.Instance;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MLLS (Saerens, Latinne and Decaestecker 2002): class shares of the target by expectation maximization. A
    /// weighting for <c>Weight</c>.
    /// </summary>
    /// <param name="classifier">The classifier, of calibrated probabilities. Default logistic regression.</param>
    public static MaximumLikelihoodLabelShift Mlls(ILabelLearner? classifier = null) =>
        new() { Classifier = classifier ?? new LogisticRegression() };
}
