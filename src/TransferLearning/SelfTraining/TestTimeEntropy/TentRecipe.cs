using TransferLearning.SelfTraining;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TENT (Wang et al. 2021): a fitted model that adapts to each batch that it predicts, by the entropy of its
    /// predictions.
    /// </summary>
    /// <param name="model">The model, with batch normalization; it is changed in place.</param>
    /// <param name="steps">How many steps each batch takes. Default 1.</param>
    public static TestTimeEntropy Tent(AdaptedModel model, int steps = 1) => new(model, steps);
}
