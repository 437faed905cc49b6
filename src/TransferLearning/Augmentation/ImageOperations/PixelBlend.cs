using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Images between a lesser version of themselves and beyond. Opens no scopes.</summary>
internal static class PixelBlend
{
    /// <summary>
    /// <c>lesser + f (image - lesser)</c> with a factor f each, cut off at 0 and 1: f = 0 is the lesser image, 1 the
    /// image, above 1 beyond it.
    /// </summary>
    public static Tensor Of(Tensor images, Tensor lesser, Tensor factors) =>
        (lesser + ((images - lesser) * factors)).clamp(0, 1);

    /// <summary>
    /// The brightness of every pixel <c>[n, 1, height, width]</c>: 0.299 red, 0.587 green and 0.114 blue of three
    /// channels, the mean of other numbers of channels.
    /// </summary>
    public static Tensor Gray(Tensor images) =>
        images.shape[1] == 3
            ? (images.narrow(1, 0, 1) * 0.299) + (images.narrow(1, 1, 1) * 0.587) + (images.narrow(1, 2, 1) * 0.114)
            : images.mean([1L], keepdim: true);

    /// <summary>The factor of each image: from the least at strength -1 to the most at 1, in a straight line.</summary>
    public static Tensor Factors(Tensor strengths, double least, double most) =>
        (strengths * ((most - least) / 2)) + ((most + least) / 2);
}
