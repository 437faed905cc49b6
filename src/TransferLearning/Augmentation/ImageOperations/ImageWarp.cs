using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Images whose pixels are looked up at other places, each image by its own map. Opens no scopes.</summary>
/// <remarks>
/// Places are counted in pixels from the image's center, x to the right and y downward; a map leads from a place of the
/// result to the place in the image.
/// </remarks>
internal static class ImageWarp
{
    /// <summary>
    /// An affine map each, <c>x' = a x + b y + c</c>, <c>y' = d x + e y + f</c>, every letter <c>[n]</c> or null for
    /// that of the identity.
    /// </summary>
    public static Tensor Affine(
        Tensor images,
        double fill,
        bool isSmooth,
        Tensor? a = null,
        Tensor? b = null,
        Tensor? c = null,
        Tensor? d = null,
        Tensor? e = null,
        Tensor? f = null
    )
    {
        var (n, height, width) = (images.shape[0], (double)images.shape[2], (double)images.shape[3]);
        if (n == 0)
        {
            return images.clone(); // libtorch makes no grid of nothing
        }
        var (one, nothing) = (images.new_ones(n), images.new_zeros(n));
        // libtorch counts places from -1 to 1 on either axis.
        var rows = stack([a ?? one, Scaled(b, height / width), Scaled(c, 2 / width)], 1);
        var columns = stack([Scaled(d, width / height), e ?? one, Scaled(f, 2 / height)], 1);
        return Sample(
            images,
            nn.functional.affine_grid(stack([rows, columns], 1), images.shape, align_corners: false),
            fill,
            isSmooth
        );

        Tensor Scaled(Tensor? value, double factor) => value is null ? nothing : value * factor;
    }

    /// <summary>
    /// Pixels at a grid <c>[n, height, width, 2]</c> of places from -1 to 1; outside the image is
    /// <paramref name="fill"/>.
    /// </summary>
    public static Tensor Sample(Tensor images, Tensor grid, double fill, bool isSmooth)
    {
        var mode = isSmooth ? GridSampleMode.Bilinear : GridSampleMode.Nearest;
        if (fill == 0)
        {
            return nn.functional.grid_sample(images, grid, mode, GridSamplePaddingMode.Zeros, align_corners: false);
        }
        return nn.functional.grid_sample(images - fill, grid, mode, GridSamplePaddingMode.Zeros, align_corners: false)
            + fill;
    }
}
