using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Gives every channel of each image a histogram as even as can be, in 256 steps. Strength has no part in it.
/// </summary>
/// <remarks>
/// The table of the Python imaging library: gray value v becomes <c>floor((floor(s / 2) + #{pixels below v}) / s)</c>
/// with <c>s = floor((pixels - #{pixels of the largest value}) / 255)</c>; a channel with s = 0 stays.
/// </remarks>
public sealed record Equalize : IImageOperation
{
    private const int Steps = 256;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        return Of(inputs);
    }

    /// <inheritdoc />
    public Tensor Apply(Tensor images, Tensor strengths) => Of(images);

    /// <summary>Equalized images.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c> from 0 to 1; rounded to 256 steps.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images)
    {
        ImageChecks.Images(images);
        using var scope = NewDisposeScope();
        var values = PixelSteps.Of(images).reshape(images.shape[0] * images.shape[1], -1);
        var histogram = zeros(values.shape[0], Steps, int64, images.device);
        histogram.scatter_add_(1, values, ones_like(values));
        var largest = histogram.gather(1, values.amax([1L], keepdim: true));
        var step = (values.shape[1] - largest).div(Steps - 1, RoundingMode.floor);
        var divisor = step.clamp_min(1);
        var below = histogram.cumsum(1) - histogram;
        var table = (below + divisor.div(2, RoundingMode.floor)).div(divisor, RoundingMode.floor).clamp(0, Steps - 1);
        var equalized = where(step.eq(0), values, table.gather(1, values));
        var same = step.eq(0).view(images.shape[0], images.shape[1], 1, 1);
        return where(same, images, PixelSteps.Back(equalized.view(images.shape), images)).MoveToOuterDisposeScope();
    }
}
