namespace DigitAdaptation.Digits;

/// <summary>
/// Grey images of handwritten digits with their labels: <see cref="Pixels"/> holds <see cref="Count"/> images of
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
                $"{labels.Length} images of {height}x{width} take {(long)labels.Length * height * width} pixels, but there are {pixels.Length}.",
                nameof(pixels)
            );
        }

        Pixels = pixels;
        Labels = labels;
        Height = height;
        Width = width;
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

    /// <summary>
    /// The same images in another size, by bilinear interpolation between pixel centres; beyond the outermost
    /// centres the border value holds.
    /// </summary>
    public DigitImages Resize(int height, int width)
    {
        if (height == Height && width == Width)
        {
            return this;
        }

        var rows = Taps(Height, height);
        var columns = Taps(Width, width);
        var resized = new float[Count * height * width];
        for (var image = 0; image < Count; image++)
        {
            var from = Pixels.AsSpan(image * Height * Width, Height * Width);
            var to = resized.AsSpan(image * height * width, height * width);
            for (var y = 0; y < height; y++)
            {
                var (top, bottom, down) = rows[y];
                for (var x = 0; x < width; x++)
                {
                    var (left, right, across) = columns[x];
                    var above = Mix(from[(top * Width) + left], from[(top * Width) + right], across);
                    var below = Mix(from[(bottom * Width) + left], from[(bottom * Width) + right], across);
                    to[(y * width) + x] = Mix(above, below, down);
                }
            }
        }

        return new DigitImages(resized, Labels, height, width);
    }

    /// <summary>The same images inside a border of paper.</summary>
    /// <param name="border">Rows and columns added on every side.</param>
    public DigitImages Frame(int border)
    {
        var (height, width) = (Height + (2 * border), Width + (2 * border));
        var framed = new float[Count * height * width];
        for (var row = 0; row < Count * Height; row++)
        {
            var (image, y) = Math.DivRem(row, Height);
            Pixels
                .AsSpan(row * Width, Width)
                .CopyTo(framed.AsSpan((((image * height) + y + border) * width) + border, Width));
        }

        return new DigitImages(framed, Labels, height, width);
    }

    private static float Mix(float first, float second, float share) => first + ((second - first) * share);

    /// <summary>For every new position the two old ones around it, and the share of the second.</summary>
    private static (int First, int Second, float Share)[] Taps(int from, int to)
    {
        var taps = new (int, int, float)[to];
        for (var i = 0; i < to; i++)
        {
            var position = Math.Clamp(((i + 0.5f) * from / to) - 0.5f, 0f, from - 1f);
            var first = (int)position;
            taps[i] = (first, Math.Min(first + 1, from - 1), position - first);
        }

        return taps;
    }
}
