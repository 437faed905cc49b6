using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Prediction-time batch normalization (Schneider et al. 2020; Nado et al. 2020): a fitted model that normalizes
    /// each batch by its own statistics, mixed with the model's.
    /// </summary>
    /// <param name="model">The model, with batch normalization; it ends as it was.</param>
    /// <param name="prior">
    /// How many rows the model's own statistics count for. Default 16; 0 takes the batch's alone.
    /// </param>
    public static TestTimeNormalization TestTimeNormalization(AdaptedModel model, double prior = 16) =>
        new(model, prior);
}
