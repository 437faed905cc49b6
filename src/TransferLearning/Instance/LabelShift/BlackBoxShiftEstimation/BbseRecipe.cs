using TransferLearning.Instance;
using TransferLearning.Predictors;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BBSE (Lipton et al. 2018): class weights from the confusion matrix of any classifier. A weighting for
    /// <c>Weight</c>.
    /// </summary>
    /// <param name="classifier">The classifier. Default logistic regression.</param>
    public static BlackBoxShiftEstimation Bbse(ILabelLearner? classifier = null) =>
        new() { Classifier = classifier ?? new LogisticRegression() };
}
