using TransferLearning.Instance;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IWC (Bickel et al. 2007): weights from a classifier that tells the domains apart. A weighting for <c>Weight</c>.
    /// </summary>
    /// <param name="classifier">The classifier. Default logistic regression.</param>
    public static ClassifierWeighting Iwc(ILabelLearner? classifier = null) =>
        new() { Classifier = classifier ?? new LogisticRegression() };
}
