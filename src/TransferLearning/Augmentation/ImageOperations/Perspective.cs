using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Looks at each image from aside: its four corners move inward, each by its own draw.</summary>
/// <remarks>
/// Each corner moves evenly by 0 to <c>Distortion / 2</c> of the image's width and height, as in torchvision's
/// <c>RandomPerspective</c>.
/// </remarks>
public sealed record Perspective : IAugmentation
{
    /// <summary>How far corners move, as a share of the way to the center, from 0 to below 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Distortion { get; init; } = 0.5;

    /// <summary>The pixel value outside the image, from 0 to 1. Default 0, black.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Fill { get; init; }

    /// <summary>
    /// Whether pixels are interpolated between four neighbors and not taken from the nearest. Default true.
    /// </summary>
    public bool IsSmooth { get; init; } = true;

    /// <inheritdoc />
    public Tensor Apply(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var inward = tensor(
            new double[,]
            {
                { 1, 1 },
                { -1, 1 },
                { -1, -1 },
                { 1, -1 },
            }
        );
        var sides = tensor(new[] { inputs.shape[3] - 1.0, inputs.shape[2] - 1.0 });
        using var generator = key.Generator();
        var draws = rand([inputs.shape[0], 4, 2], dtype: float64, generator: generator);
        var corners = Corners(inputs) + (draws * inward * sides * (Distortion / 2));
        return Of(inputs, corners, Fill, IsSmooth).MoveToOuterDisposeScope();
    }

    /// <summary>Images whose corners have moved.</summary>
    /// <param name="images">
    /// Images <c>[n, channels, height, width]</c>, at least 2 pixels high and wide: of others corners fall together.
    /// </param>
    /// <param name="corners">
    /// Where the upper left, upper right, lower right and lower left corner of each image go, <c>[n, 4, 2]</c> as (x,
    /// y) in pixels: the image's own are <c>(0, 0)</c> to <c>(width - 1, height - 1)</c>.
    /// </param>
    /// <param name="fill">The pixel value outside the image.</param>
    /// <param name="isSmooth">Whether pixels are interpolated.</param>
    /// <returns>The images, of the same shape; the caller disposes them.</returns>
    public static Tensor Of(Tensor images, Tensor corners, double fill = 0, bool isSmooth = true)
    {
        ImageChecks.Images(images);
        if (images.shape[2] < 2 || images.shape[3] < 2)
        {
            throw new ArgumentException(
                $"a perspective needs images of at least 2 by 2 pixels; got {Shape.Of(images)}.",
                nameof(images)
            );
        }
        Guard.Alive(corners);
        if (!corners.shape.SequenceEqual([images.shape[0], 4, 2]))
        {
            throw new ArgumentException(
                $"corners must be four places an image, [{images.shape[0]}, 4, 2]; got {Shape.Of(corners)}.",
                nameof(corners)
            );
        }
        using var scope = NewDisposeScope();
        var (height, width) = (images.shape[2], images.shape[3]);
        var wide = corners.to(float64, CPU);
        // (a x + b y + c) / (g x + h y + 1) = x', (d x + e y + f) / (g x + h y + 1) = y': from the moved corner (x, y)
        // back to the image's own.
        var (x, y) = (wide.select(2, 0), wide.select(2, 1));
        var own = Corners(images);
        var (ownX, ownY) = (own.select(1, 0).expand_as(x), own.select(1, 1).expand_as(y));
        var (one, nothing) = (ones_like(x), zeros_like(x));
        var forX = stack([x, y, one, nothing, nothing, nothing, (ownX * x).neg(), (ownX * y).neg()], 2);
        var forY = stack([nothing, nothing, nothing, x, y, one, (ownY * x).neg(), (ownY * y).neg()], 2);
        var numbers = linalg.solve(cat([forX, forY], 1), cat([ownX, ownY], 1).unsqueeze(2)).squeeze(2);
        var map = cat([numbers, ones_like(numbers.narrow(1, 0, 1))], 1).view(-1, 3, 3);
        var (rows, columns) = (arange(height, dtype: float64), arange(width, dtype: float64));
        var places = stack([
            columns.unsqueeze(0).expand(height, width).reshape(-1),
            rows.unsqueeze(1).expand(height, width).reshape(-1),
            ones(height * width, float64),
        ]);
        var found = map.matmul(places); // [n, 3, height width]
        var plane = found.narrow(1, 0, 2) / found.narrow(1, 2, 1);
        var scaled = ((plane * 2) + 1) / tensor(new double[] { width, height }).view(1, 2, 1);
        var grid = (scaled - 1).transpose(1, 2).reshape(-1, height, width, 2);
        return ImageWarp.Sample(images, grid.to(images.dtype, images.device), fill, isSmooth).MoveToOuterDisposeScope();
    }

    private static Tensor Corners(Tensor images)
    {
        var (right, bottom) = (images.shape[3] - 1.0, images.shape[2] - 1.0);
        return tensor(
            new[,]
            {
                { 0, 0 },
                { right, 0 },
                { right, bottom },
                { 0, bottom },
            }
        );
    }
}
