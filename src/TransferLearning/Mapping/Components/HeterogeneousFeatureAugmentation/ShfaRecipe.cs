using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SHFA (Li et al. 2014): HFA that labels the unlabeled target rows with the machine. A stage for <c>Add</c>, or a
    /// classifier by its <c>Classify</c>.
    /// </summary>
    /// <param name="unlabeledCost">What an unlabeled target row costs. Default 0.001.</param>
    public static SemiSupervisedFeatureAugmentation Shfa(double unlabeledCost = 1e-3) =>
        new() { UnlabeledCost = unlabeledCost };
}
