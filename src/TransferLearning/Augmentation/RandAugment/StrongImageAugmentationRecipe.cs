using TransferLearning.Augmentation;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// FixMatch's strong augmentation of images (Sohn et al. 2020): the weak one, two operations of RandAugment, and a
    /// covered square.
    /// </summary>
    /// <param name="flips">
    /// The probability with which an image is mirrored. Default 0.5; 0 for digits and letters.
    /// </param>
    /// <param name="padding">The most pixels that an image moves by. Default 4, an eighth of 32.</param>
    /// <param name="operations">How many operations each image draws. Default 2.</param>
    public static AugmentationSequence StrongImageAugmentation(
        double flips = 0.5,
        int padding = 4,
        int operations = 2
    ) =>
        new(
            new HorizontalFlip { Probability = flips },
            new RandomCrop { Padding = padding },
            Augmentation.RandAugment.ForFixMatch with
            {
                Operations = operations,
            },
            new Cutout { Fill = 0.5 }
        );
}
