using SkiaSharp;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>Image files as pixels.</summary>
internal static class ImageDecoder
{
    // A few bytes of a file can claim any size; this many pixels already take 5 GB while they are decoded.
    private const long MostPixels = 1 << 28;

    // The center of a longer image is cut out before it is resized, which would make the rest as large.
    private const long LongestInSquares = 4;

    /// <summary>
    /// An image as red, green and blue from 0 to 1, by channel, row and column: <c>3 size size</c> numbers.
    /// </summary>
    /// <remarks>
    /// Gray images get three equal channels, transparent ones stand on white, and the camera's orientation is applied.
    /// Resizing is bilinear with antialiasing.
    /// </remarks>
    /// <exception cref="InvalidDataException">
    /// The file is no image, ends early, or has more than 2^28 pixels.
    /// </exception>
    public static void Read(string path, ImageFolderOptions options, Span<float> pixels)
    {
        using var scope = NewDisposeScope();
        var image = Resized(Oriented(path), options);
        image.contiguous().data<float>().CopyTo(pixels);
    }

    private static Tensor Resized(Tensor image, ImageFolderOptions options)
    {
        if (options.Fit == ImageFit.Stretch)
        {
            return Interpolated(image, options.Size, options.Size);
        }
        var longest = LongestInSquares * Math.Min(image.shape[1], image.shape[2]);
        image = Center(image, Math.Min(image.shape[1], longest), Math.Min(image.shape[2], longest));
        var (height, width) = (image.shape[1], image.shape[2]);
        var shorter = Math.Max(options.Size, (long)Math.Round(options.Size / options.CropShare));
        var (tall, wide) =
            height < width
                ? (shorter, Math.Max(shorter, width * shorter / height))
                : (Math.Max(shorter, height * shorter / width), shorter);
        return Center(Interpolated(image, tall, wide), options.Size, options.Size);
    }

    private static Tensor Center(Tensor image, long height, long width) =>
        image.narrow(1, Start(image.shape[1] - height), height).narrow(2, Start(image.shape[2] - width), width);

    // As TorchVision rounds it: a half to the even number.
    private static long Start(long left) => (long)Math.Round(left / 2.0);

    private static Tensor Interpolated(Tensor image, long height, long width) =>
        image.shape[1] == height && image.shape[2] == width
            ? image
            : nn
                .functional.interpolate(
                    image.unsqueeze(0),
                    [height, width],
                    mode: InterpolationMode.Bilinear,
                    align_corners: false,
                    antialias: true
                )
                .squeeze(0);

    /// <summary>The pixels <c>[3, h, w]</c> from 0 to 1, upright.</summary>
    private static Tensor Oriented(string path)
    {
        using var codec =
            SKCodec.Create(path, out var opened)
            ?? throw new InvalidDataException($"'{path}' is no image that can be read ({opened}).");
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels)
        {
            throw new InvalidDataException(
                $"'{path}' has {codec.Info.Width}x{codec.Info.Height} pixels; at most {MostPixels} are read. Make it "
                    + "smaller, or leave it out."
            );
        }
        var info = new SKImageInfo(
            codec.Info.Width,
            codec.Info.Height,
            SKColorType.Rgba8888,
            codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul
        );
        var bytes = new byte[info.BytesSize];
        var result = codec.GetPixels(info, bytes);
        if (result != SKCodecResult.Success)
        {
            throw new InvalidDataException($"'{path}' could not be decoded ({result}).");
        }
        var rgba = tensor(bytes, [info.Height, info.Width, 4]).permute(2, 0, 1).to_type(ScalarType.Float32).div(255);
        var color = rgba.narrow(0, 0, 3);
        if (!codec.Info.IsOpaque)
        {
            var white = ones_like(color);
            color = white.sub(white.sub(color).mul(rgba.narrow(0, 3, 1)));
        }
        return codec.EncodedOrigin switch
        {
            SKEncodedOrigin.TopRight => color.flip(2),
            SKEncodedOrigin.BottomRight => color.flip(1, 2),
            SKEncodedOrigin.BottomLeft => color.flip(1),
            SKEncodedOrigin.LeftTop => color.transpose(1, 2),
            SKEncodedOrigin.RightTop => color.transpose(1, 2).flip(2),
            SKEncodedOrigin.RightBottom => color.transpose(1, 2).flip(1, 2),
            SKEncodedOrigin.LeftBottom => color.transpose(1, 2).flip(1),
            _ => color,
        };
    }
}
