using TransferLearning.Settings;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The baseline for targets with classes that the source lacks: rows that the model is unsure of are unknown. A
    /// stage for the end of any chain.
    /// </summary>
    /// <param name="entropyShare">The share of the largest entropy from which on a row is unknown. Default 0.5.</param>
    public static UnknownRejection RejectUnknown(double entropyShare = 0.5) => new(new EntropyRule(entropyShare));
}
