using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Makes each image softer or sharper: its pixels' distance from the mean of their neighborhood times a factor.
/// </summary>
public sealed record Sharpness : IImageOperation
{
    /// <summary>The factor at strength -1, not negative. Default 0.1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Least { get; init; } = 0.1;

    /// <summary>The factor at strength 1, not negative. Default 1.9.</summary>
    [OptionRange(AtLeast = 0)]
    public double Most { get; init; } = 1.9;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key) => RowDraws.Apply(this, inputs, key);

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths)
    {
        Guard.Options(this);
        Guard.Alive(strengths);
        using var scope = NewDisposeScope();
        return Of(images, PixelBlend.Factors(strengths, Least, Most)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Images with other sharpness, <c>m + f (x - m)</c> for the mean m of the 3 by 3 pixels around, the pixel itself
    /// counted 5 times; pixels at the border stay.
    /// </summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1.</param>
    /// <param name="factors">The factor of each image <c>[n]</c>: 0 is soft, 1 the image, 2 sharp.</param>
    /// <returns>The images, of the same shape, cut off at 0 and 1; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor factors)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var factor = ImageChecks.PerImage(factors, images);
        var (height, width) = (images.shape[2], images.shape[3]);
        if (height < 3 || width < 3)
        {
            return images.clone().MoveToOuterDisposeScope();
        }
        var (sum, middle) = (zeros_like(images.narrow(2, 1, height - 2).narrow(3, 1, width - 2)), Inner(1, 1));
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 3; column++)
            {
                sum.add_(Inner(row, column));
            }
        }
        var soft = images.clone();
        Part(soft, 1, 1).copy_((sum + (middle * 4)) / 13);
        return PixelBlend.Of(images, soft, factor).MoveToOuterDisposeScope();

        Tensor Inner(long row, long column) => Part(images, row, column);
        Tensor Part(Tensor of, long row, long column) => of.narrow(2, row, height - 2).narrow(3, column, width - 2);
    }
}
