using TransferLearning.Predictors;
using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Total variation: <c>PerFeature</c> by histograms, <c>LowerBound</c> over all features by a domain classifier.
    /// </summary>
    /// <param name="classifier">The domain classifier. Default logistic regression.</param>
    public static TotalVariation TotalVariation(ILabelLearner? classifier = null) =>
        new() { Classifier = classifier ?? new LogisticRegression() };
}
