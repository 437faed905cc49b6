using SkiaSharp;

namespace TransferLearning.Tests.Vision;

/// <summary>Image files for tests: one color in the upper left quarter, another elsewhere.</summary>
internal static class Pictures
{
    public static void Write(
        string path,
        int width = 40,
        int height = 40,
        SKColor? corner = null,
        SKColor? rest = null,
        SKColorType type = SKColorType.Rgba8888
    )
    {
        using var bitmap = new SKBitmap(width, height, type, SKAlphaType.Unpremul);
        bitmap.Erase(rest ?? SKColors.Blue);
        for (var x = 0; x < width / 2; x++)
        {
            for (var y = 0; y < height / 2; y++)
            {
                bitmap.SetPixel(x, y, corner ?? SKColors.Red);
            }
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        var format = Path.GetExtension(path) == ".png" ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg;
        Assert.True(bitmap.Encode(file, format, 95));
    }

    /// <summary>Writes the first bytes of a PNG file that claims a size.</summary>
    public static void Claim(string path, uint width, uint height)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] header = [.. "IHDR"u8, .. Bytes(width), .. Bytes(height), 8, 2, 0, 0, 0];
        byte[] image = [0, 0, 0, 0, .. "IDAT"u8];
        File.WriteAllBytes(
            path,
            [0x89, .. "PNG\r\n\x1A\n"u8, .. Bytes(13), .. header, .. Bytes(Crc(header)), .. image]
        );

        static byte[] Bytes(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

        static uint Crc(byte[] bytes)
        {
            var crc = uint.MaxValue;
            foreach (var one in bytes)
            {
                crc ^= one;
                for (var bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
                }
            }
            return ~crc;
        }
    }

    /// <summary>Puts the camera's orientation, 1 to 8, into a JPEG file.</summary>
    public static void Orient(string path, byte orientation)
    {
        var jpeg = File.ReadAllBytes(path);
        byte[] exif =
        [
            0xFF,
            0xE1,
            0,
            34,
            .. "Exif\0\0"u8,
            .. "MM\0*"u8,
            0,
            0,
            0,
            8, // the first directory begins here
            0,
            1, // and has one entry:
            0x01,
            0x12, // the orientation,
            0,
            3,
            0,
            0,
            0,
            1, // one short number
            0,
            orientation,
            0,
            0,
            0,
            0,
            0,
            0, // no further directory
        ];
        File.WriteAllBytes(path, [.. jpeg[..2], .. exif, .. jpeg[2..]]);
    }
}
