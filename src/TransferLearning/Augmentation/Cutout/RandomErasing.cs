using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Random erasing: a rectangle of each image, of its own size, shape and place, becomes noise, or is covered.
/// </summary>
/// <remarks>
/// The rectangle's area is even between two shares of the image's, the ratio of height to width even in its logarithm
/// (torchvision's; the paper's is even itself); up to ten draws are made until one fits into the image, and none is
/// erased otherwise (Zhong, Zheng, Kang, Li and Yang 2020, "Random Erasing Data Augmentation").
/// </remarks>
public sealed record RandomErasing : IAugmentation
{
    private const int Attempts = 10;

    /// <summary>The probability with which an image is changed, from 0 to 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Probability { get; init; } = 0.5;

    /// <summary>The least share of the image's area, from 0 to 1. Default 0.02.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double LeastArea { get; init; } = 0.02;

    /// <summary>The largest share of the image's area, from 0 to 1. Default 0.4, the paper's.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double MostArea { get; init; } = 0.4;

    /// <summary>
    /// The largest ratio of the sides, at least 1: height to width lies between its inverse and itself. Default 1 /
    /// 0.3, the paper's.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public double MostRatio { get; init; } = 1 / 0.3;

    /// <summary>
    /// The pixel value of rectangles, from 0 to 1; null for a value of its own for each pixel, even from 0 to 1.
    /// Default null, the paper's.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double? Fill { get; init; }

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var (count, height, width) = (inputs.shape[0], inputs.shape[2], inputs.shape[3]);
        var random = key.Child(0).Random();
        var boxes = new long[count * 4];
        for (var i = 0; i < count; i++)
        {
            if (random.NextDouble() < Probability)
            {
                Draw(random, height, width).CopyTo(boxes.AsSpan(i * 4));
            }
        }
        var edges = tensor(boxes, int64).view(-1, 4).to(inputs.device);
        var isRow = Between(edges.narrow(1, 0, 1), edges.narrow(1, 1, 1), height).view(-1, 1, height, 1);
        var isColumn = Between(edges.narrow(1, 2, 1), edges.narrow(1, 3, 1), width).view(-1, 1, 1, width);
        var erased = isRow.logical_and(isColumn);
        return (
            Fill is { } fill
                ? inputs.masked_fill(erased, fill)
                : where(erased, RowDraws.Uniform(inputs, key.Child(1), inputs.shape), inputs)
        ).MoveToOuterDisposeScope();
    }

    private static Tensor Between(Tensor from, Tensor to, long side)
    {
        var places = arange(side, dtype: int64, device: from.device);
        return places.ge(from).logical_and(places.lt(to));
    }

    private long[] Draw(Random random, long height, long width)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var area = height * width * (LeastArea + ((MostArea - LeastArea) * random.NextDouble()));
            var ratio = Math.Exp(((2 * random.NextDouble()) - 1) * Math.Log(MostRatio));
            var (rows, columns) = (
                (long)Math.Round(Math.Sqrt(area * ratio)),
                (long)Math.Round(Math.Sqrt(area / ratio))
            );
            if (rows < height && columns < width)
            {
                var (top, left) = (random.NextInt64(height - rows + 1), random.NextInt64(width - columns + 1));
                return [top, top + rows, left, left + columns];
            }
        }
        return [0, 0, 0, 0];
    }
}
