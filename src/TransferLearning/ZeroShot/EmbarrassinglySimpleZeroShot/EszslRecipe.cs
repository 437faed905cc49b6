using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ESZSL (Romera-Paredes and Torr 2015): a bilinear score of features and class descriptions in closed form. A
    /// learner for <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">What is known of the classes.</param>
    /// <param name="featureRidge">The ridge on features. Default 1.</param>
    /// <param name="descriptionRidge">The ridge on descriptions. Default 1.</param>
    public static EmbarrassinglySimpleZeroShot Eszsl(
        ClassDescriptions descriptions,
        double featureRidge = 1,
        double descriptionRidge = 1
    ) => new(descriptions) { FeatureRidge = featureRidge, DescriptionRidge = descriptionRidge };
}
