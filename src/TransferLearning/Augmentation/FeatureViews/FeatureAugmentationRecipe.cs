using TransferLearning.Augmentation;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// A weak augmentation of rows of features: each row moves toward one of its nearest neighbors in the batch (Chawla
    /// et al. 2002, SMOTE).
    /// </summary>
    /// <param name="most">
    /// How far at most, as a share of the way. Default 0.5, so that a row stays nearer to itself.
    /// </param>
    public static NeighborMixing WeakFeatureAugmentation(double most = 0.5) => new() { Share = most };

    /// <summary>
    /// A strong augmentation of rows of features: numbers are replaced by those of other rows (Bahri et al. 2022,
    /// SCARF), and noise is added.
    /// </summary>
    /// <param name="swapped">The probability with which a number is replaced. Default 0.2.</param>
    /// <param name="noise">The noise's standard deviation as a share of each feature's own. Default 0.1.</param>
    public static AugmentationSequence StrongFeatureAugmentation(double swapped = 0.2, double noise = 0.1) =>
        new(new FeatureSwap { Probability = swapped }, new GaussianNoise { Deviation = noise, IsRelative = true });
}
