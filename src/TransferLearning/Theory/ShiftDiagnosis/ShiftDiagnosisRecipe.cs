using TransferLearning.Predictors;
using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// What kind of shift lies between two domains and which families of methods suit: <c>Of</c> gives the report.
    /// </summary>
    /// <param name="classifier">The classifier of domains and of classes. Default logistic regression.</param>
    public static ShiftDiagnosis ShiftDiagnosis(ILabelLearner? classifier = null) =>
        new() { Classifier = classifier ?? new LogisticRegression() };
}
