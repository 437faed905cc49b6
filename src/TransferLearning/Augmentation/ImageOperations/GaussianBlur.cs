using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Blurs each image by a Gaussian of its own width.</summary>
public sealed record GaussianBlur : IAugmentation
{
    /// <summary>The least standard deviation in pixels, positive. Default 0.1, SimCLR's.</summary>
    [OptionRange(Above = 0)]
    public double Least { get; init; } = 0.1;

    /// <summary>The largest standard deviation in pixels, positive. Default 2, SimCLR's.</summary>
    [OptionRange(Above = 0)]
    public double Most { get; init; } = 2;

    /// <summary>
    /// How many pixels on either side take part, at least 1; null for a twentieth of the shorter side. Default null,
    /// SimCLR's.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Radius { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var radius = Radius ?? Math.Max(1, (int)(Math.Min(inputs.shape[2], inputs.shape[3]) / 20));
        var deviations = (RowDraws.Uniform(inputs, key, inputs.shape[0]) * (Most - Least)) + Least;
        return Of(inputs, deviations, radius).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Blurred images: along each axis the mean of the <c>2 r + 1</c> pixels around, weighted by
    /// <c>exp(-j^2 / (2 s^2))</c> for the distance j; at the border the image is mirrored.
    /// </summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>, larger than the radius.</param>
    /// <param name="deviations">The standard deviation s of each image <c>[n]</c> in pixels, positive.</param>
    /// <param name="radius">How many pixels r on either side take part.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor deviations, int radius)
    {
        ImageChecks.Images(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(radius, 1);
        var (height, width) = (images.shape[2], images.shape[3]);
        if (Math.Min(height, width) <= radius)
        {
            throw new ArgumentException(
                $"images must be larger than the radius {radius}; got {Shape.Of(images)}. Lower the radius.",
                nameof(images)
            );
        }
        using var scope = NewDisposeScope();
        var each = ImageChecks.Numbers(deviations, images);
        var offsets = arange(-radius, radius + 1, dtype: images.dtype, device: images.device);
        var weights = (offsets / each.unsqueeze(1)).square().mul(-0.5).softmax(1);
        long[] around = [radius, radius, radius, radius];
        var padded = nn.functional.pad(images, around, PaddingModes.Reflect);
        return Along(Along(padded, 2, height), 3, width).MoveToOuterDisposeScope();

        Tensor Along(Tensor of, int axis, long side)
        {
            var sum = of.narrow(axis, 0, side) * Weight(0);
            for (var j = 1; j <= 2 * radius; j++)
            {
                sum.addcmul_(of.narrow(axis, j, side), Weight(j), 1);
            }
            return sum;
        }

        Tensor Weight(int j) => weights.select(1, j).view(-1, 1, 1, 1);
    }
}
