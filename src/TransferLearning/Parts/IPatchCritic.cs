using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// Judges images patch by patch: real images of a domain, or such as a network has made to look like them.
/// </summary>
/// <remarks>
/// A convolutional network that ends in one channel is one (<c>module.AsPart()</c>): each of its outputs sees a patch
/// of the image. A critic of features, with one logit a row, is an <see cref="IDomainCritic"/>.
/// </remarks>
public interface IPatchCritic : IPart
{
    /// <summary>Scores every patch of every image by how real it looks.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <returns>
    /// One logit a patch, <c>[n, 1, h, w]</c> or any other shape of n rows: large and positive means "real". Losses are
    /// means over all of them.
    /// </returns>
    Tensor Judge(Tensor images);
}
