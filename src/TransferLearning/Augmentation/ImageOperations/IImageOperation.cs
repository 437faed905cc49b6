using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// A change of images <c>[n, channels, height, width]</c> that can be stronger or weaker, for each image by its own
/// amount.
/// </summary>
/// <remarks>
/// Pixels lie between 0 (black) and 1 (white); for other ranges see <see cref="InImageRange"/>. As an
/// <see cref="IAugmentation"/> by itself an operation draws the strength of each image evenly from -1 to 1;
/// <see cref="RandAugment"/> and its kin draw operations as well.
/// </remarks>
public interface IImageOperation : IAugmentation
{
    /// <summary>Changes some images.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>; they stay as they are.</param>
    /// <param name="strengths">
    /// How strong the change of each image is, <c>[n]</c> from -1 to 1; the sign is the direction, where there is one.
    /// </param>
    /// <returns>The changed images, of the same shape; the caller disposes them.</returns>
    Tensor Apply(Tensor images, Tensor strengths);
}
