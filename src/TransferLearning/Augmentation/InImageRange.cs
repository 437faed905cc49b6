using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// An augmentation of images whose pixels are not from 0 to 1: bytes, or channels that were divided by their standard
/// deviations.
/// </summary>
/// <remarks>The images are scaled to 0 to 1, changed, and scaled back.</remarks>
/// <param name="inner">The augmentation of images from 0 to 1.</param>
/// <param name="range">The values of black and white.</param>
public sealed class InImageRange(IAugmentation inner, ImageRange range) : IAugmentation
{
    private readonly IAugmentation inner = inner ?? throw new ArgumentNullException(nameof(inner));
    private readonly ImageRange range = range ?? throw new ArgumentNullException(nameof(range));

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        range.Check(inputs);
        using var scope = NewDisposeScope();
        var black = PerChannel(range.Black, inputs);
        var width = PerChannel(range.White, inputs) - black;
        return ((inner.Apply((inputs - black) / width, key) * width) + black).MoveToOuterDisposeScope();
    }

    private static Tensor PerChannel(IReadOnlyList<double> values, Tensor images) =>
        tensor(values.ToArray(), float64).view(1, -1, 1, 1).to(images.dtype, images.device);
}
