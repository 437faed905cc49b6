using SkiaSharp;
using static TorchSharp.torch;

namespace TransferLearning.Vision;

/// <summary>Image files as pixels.</summary>
internal static class ImageDecoder
{
    /// <summary>
    /// An image as red, green and blue from 0 to 1, by channel, row and column: <c>3 size size</c> numbers.
    /// </summary>
    /// <remarks>
    /// Gray images get three equal channels, transparent ones stand on white, and the camera's orientation is applied.
    /// Resizing is bilinear with antialiasing.
    /// </remarks>
    /// <exception cref="InvalidDataException">The file is no image, or ends early.</exception>
    public static void Read(string path, ImageFolderOptions options, Span<float> pixels)
    {
        using var scope = NewDisposeScope();
        var image = Resized(Oriented(path), options);
        image.contiguous().data<float>().CopyTo(pixels);
    }

    private static Tensor Resized(Tensor image, ImageFolderOptions options)
    {
        var (height, width) = (image.shape[1], image.shape[2]);
        if (options.Fit == ImageFit.Stretch)
        {
            return Interpolated(image, options.Size, options.Size);
        }
        var shorter = Math.Max(options.Size, (long)Math.Round(options.Size / options.CropShare));
        var (tall, wide) =
            height < width
                ? (shorter, Math.Max(shorter, width * shorter / height))
                : (Math.Max(shorter, height * shorter / width), shorter);
        return Interpolated(image, tall, wide)
            .narrow(1, (tall - options.Size) / 2, options.Size)
            .narrow(2, (wide - options.Size) / 2, options.Size);
    }

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
        var rgba = tensor(bytes, [info.Height, info.Width, 4]).permute(2, 0, 1).to_type(ScalarType.Float32) / 255;
        var color = rgba.narrow(0, 0, 3);
        if (!codec.Info.IsOpaque)
        {
            color = 1 - ((1 - color) * rgba.narrow(0, 3, 1));
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
