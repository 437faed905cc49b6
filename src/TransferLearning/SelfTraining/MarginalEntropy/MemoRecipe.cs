using TransferLearning.SelfTraining;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MEMO (Zhang, Levine and Finn 2022): a fitted model that adapts to each row before it predicts it, by the entropy
    /// of its mean prediction for views of the row.
    /// </summary>
    /// <param name="model">The model; it ends as it was.</param>
    /// <param name="view">The augmentation; <c>AugMix</c> in the paper.</param>
    /// <param name="views">How many views of a row. Default 32.</param>
    public static MarginalEntropy Memo(AdaptedModel model, IAugmentation view, int views = 32) =>
        new(model, view, views);
}
