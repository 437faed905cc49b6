using System.Numerics;
using System.Runtime.InteropServices;
using DigitAdaptation.Digits;

namespace DigitAdaptation.Experiments;

/// <summary>
/// The floor of all floors, without any learning: a target image is read as the source image nearest to it, pixel by
/// pixel.
/// </summary>
internal static class NearestPixels
{
    public static MethodOutcome Train(MethodRun run)
    {
        var (source, test) = (run.Task.Source, run.Task.TargetTest);
        var predictions = new long[test.Count];
        Parallel.For(0, test.Count, image => predictions[image] = source.Labels[Nearest(source, Image(test, image))]);
        return new MethodOutcome(predictions);
    }

    private static int Nearest(DigitImages images, ReadOnlySpan<float> image)
    {
        var (nearest, least) = (0, float.PositiveInfinity);
        for (var candidate = 0; candidate < images.Count; candidate++)
        {
            var distance = SquaredDistance(image, Image(images, candidate));
            if (distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>The images' sides are multiples of four, so that whole vectors cover them.</summary>
    private static float SquaredDistance(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        var sum = Vector4.Zero;
        var left = MemoryMarshal.Cast<float, Vector4>(first);
        var right = MemoryMarshal.Cast<float, Vector4>(second);
        for (var i = 0; i < left.Length; i++)
        {
            var difference = left[i] - right[i];
            sum += difference * difference;
        }

        return Vector4.Dot(sum, Vector4.One);
    }

    private static ReadOnlySpan<float> Image(DigitImages images, int index) =>
        images.Pixels.AsSpan(index * images.Height * images.Width, images.Height * images.Width);
}
