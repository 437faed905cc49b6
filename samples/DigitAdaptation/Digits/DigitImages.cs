using Samples.Shared;

namespace DigitAdaptation.Digits;

/// <summary>
/// Gray images of handwritten digits with their labels: <see cref="Pixels"/> holds <see cref="Count"/> images of
/// <see cref="Height"/> x <see cref="Width"/> values from 0 (paper) to 1 (ink), row by row, one image after the other.
/// </summary>
public sealed class DigitImages
{
    /// <summary>Takes over the arrays.</summary>
    /// <exception cref="ArgumentException">The number of pixels or labels does not fit the shape.</exception>
    public DigitImages(float[] pixels, long[] labels, int height, int width)
    {
        if (pixels.Length != (long)labels.Length * height * width)
        {
            throw new ArgumentException(
                $"{labels.Length} images of {height}x{width} take {(long)labels.Length * height * width} pixels, "
                    + $"but there are {pixels.Length}.",
                nameof(pixels)
            );
        }

        Pixels = pixels;
        Labels = labels;
        Height = height;
        Width = width;
    }

    /// <summary>Reads a pair of idx files, images and labels.</summary>
    /// <param name="images">The images, <c>[n, height, width]</c>.</param>
    /// <param name="labels">The labels, <c>[n]</c>.</param>
    /// <param name="ink">The value that stands for full ink: 255 in MNIST.</param>
    /// <exception cref="InvalidDataException">The two do not belong together.</exception>
    public static DigitImages FromIdx(string images, string labels, float ink)
    {
        var (shape, pixels) = IdxFile.Read(images);
        var (count, digits) = IdxFile.Read(labels);
        if (shape.Length != 3 || count.Length != 1 || shape[0] != count[0])
        {
            throw new InvalidDataException(
                $"'{images}' [{string.Join(", ", shape)}] and '{labels}' [{string.Join(", ", count)}] do not belong "
                    + "together."
            );
        }

        return new DigitImages(
            Array.ConvertAll(pixels, pixel => pixel / ink),
            Array.ConvertAll(digits, digit => (long)digit),
            shape[1],
            shape[2]
        );
    }

    /// <summary>All pixels, image after image, row after row.</summary>
    public float[] Pixels { get; }

    /// <summary>The digit that each image shows, 0 to 9.</summary>
    public long[] Labels { get; }

    /// <summary>Rows of one image.</summary>
    public int Height { get; }

    /// <summary>Columns of one image.</summary>
    public int Width { get; }

    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>The images from <paramref name="start"/> on, at most <paramref name="count"/> of them.</summary>
    public DigitImages Slice(int start, int count)
    {
        count = Math.Min(count, Count - start);
        var size = Height * Width;
        return new DigitImages(
            Pixels.AsSpan(start * size, count * size).ToArray(),
            Labels.AsSpan(start, count).ToArray(),
            Height,
            Width
        );
    }

    /// <summary>Every so many-th image, the first one included.</summary>
    public DigitImages Every(int step)
    {
        var size = Height * Width;
        return new DigitImages(
            [.. Pixels.Chunk(size).Where((_, index) => index % step == 0).SelectMany(image => image)],
            [.. Labels.Where((_, index) => index % step == 0)],
            Height,
            Width
        );
    }

    /// <summary>The pixels of one image.</summary>
    public ReadOnlySpan<float> Image(int index) => Pixels.AsSpan(index * Height * Width, Height * Width);

    /// <summary>
    /// Moves, enlarges and leans every image by its own placement, with bilinear interpolation; outside is paper.
    /// </summary>
    /// <param name="height">Rows of the new images.</param>
    /// <param name="width">Columns of the new images.</param>
    /// <param name="placement">The placement of the image with that index.</param>
    public DigitImages Place(int height, int width, Func<int, Placement> placement)
    {
        var placed = new float[Count * height * width];
        Parallel.For(
            0,
            Count,
            image =>
            {
                var place = placement(image);
                for (var y = 0; y < height; y++)
                {
                    for (var x = 0; x < width; x++)
                    {
                        var (oldY, oldX) = place.Before(y + 0.5f - (height / 2f), x + 0.5f - (width / 2f));
                        placed[(((image * height) + y) * width) + x] = Between(image, oldY - 0.5f, oldX - 0.5f);
                    }
                }
            }
        );
        return new DigitImages(placed, Labels, height, width);
    }

    /// <summary>The same images with every block of pixels replaced by its mean.</summary>
    /// <param name="block">Both sides of a block; it must divide the images' sides.</param>
    public DigitImages Shrink(int block)
    {
        if (Height % block != 0 || Width % block != 0)
        {
            throw new ArgumentException($"Blocks of {block} do not divide {Height}x{Width}.", nameof(block));
        }

        var (height, width) = (Height / block, Width / block);
        var shrunk = new float[Count * height * width];
        for (var i = 0; i < Pixels.Length; i++)
        {
            var (row, x) = Math.DivRem(i, Width);
            shrunk[(row / block * width) + (x / block)] += Pixels[i] / (block * block);
        }

        return new DigitImages(shrunk, Labels, height, width);
    }

    /// <summary>The same images with every pixel replaced by a function of it.</summary>
    public DigitImages Recolor(Converter<float, float> ink) =>
        new(Array.ConvertAll(Pixels, ink), Labels, Height, Width);

    private float Between(int image, float y, float x)
    {
        var (top, left) = ((int)MathF.Floor(y), (int)MathF.Floor(x));
        var (down, across) = (y - top, x - left);
        return Mix(
            Mix(Pixel(image, top, left), Pixel(image, top, left + 1), across),
            Mix(Pixel(image, top + 1, left), Pixel(image, top + 1, left + 1), across),
            down
        );
    }

    private float Pixel(int image, int y, int x) =>
        (uint)y < (uint)Height && (uint)x < (uint)Width ? Pixels[(((image * Height) + y) * Width) + x] : 0f;

    private static float Mix(float first, float second, float share) => first + ((second - first) * share);
}
