namespace DigitAdaptation.Digits;

/// <summary>
/// Places digits as MNIST's were placed, by its authors' description: each is enlarged or reduced, keeping its
/// proportions, until its ink just fits into 20x20 pixels, and its center of mass comes to the center of 28x28 (LeCun,
/// Cortes and Burges, the MNIST database of handwritten digits).
/// </summary>
public static class MnistLayout
{
    /// <summary>Both sides of an image.</summary>
    public const int Side = 28;

    /// <summary>Both sides of the box that the ink fits into.</summary>
    public const int Box = 20;

    /// <summary>The images in that layout; an image without ink stays empty.</summary>
    public static DigitImages Apply(DigitImages images) =>
        images.Place(Side, Side, index => Place(images.Image(index), images.Width));

    private static Placement Place(ReadOnlySpan<float> pixels, int width)
    {
        var (top, bottom, left, right) = (int.MaxValue, -1, int.MaxValue, -1);
        var (mass, massY, massX) = (0f, 0f, 0f);
        for (var i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] > 0)
            {
                var (y, x) = Math.DivRem(i, width);
                (top, bottom, left, right) = (
                    Math.Min(top, y),
                    Math.Max(bottom, y),
                    Math.Min(left, x),
                    Math.Max(right, x)
                );
                mass += pixels[i];
                massY += pixels[i] * (y + 0.5f);
                massX += pixels[i] * (x + 0.5f);
            }
        }

        return bottom < 0
            ? new Placement(0, 0, 1)
            : new Placement(massY / mass, massX / mass, (float)Box / Math.Max(bottom - top + 1, right - left + 1));
    }
}
