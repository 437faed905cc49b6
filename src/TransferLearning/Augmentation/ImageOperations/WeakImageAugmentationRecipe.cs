using TransferLearning.Augmentation;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The usual weak augmentation of images (Sohn et al. 2020): mirrored left to right, and moved by a few pixels.
    /// </summary>
    /// <param name="flips">
    /// The probability with which an image is mirrored. Default 0.5; 0 for digits and letters.
    /// </param>
    /// <param name="padding">The most pixels that an image moves by. Default 4, an eighth of 32.</param>
    public static AugmentationSequence WeakImageAugmentation(double flips = 0.5, int padding = 4) =>
        new(new HorizontalFlip { Probability = flips }, new RandomCrop { Padding = padding });
}
