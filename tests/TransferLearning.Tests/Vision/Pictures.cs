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

    /// <summary>
    /// Writes a JPEG file of 8x8 pixels of one color in four channels, as Adobe's programs do: 255 is no ink.
    /// </summary>
    public static void WriteCmyk(string path, byte cyan, byte magenta, byte yellow, byte black)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] quantization = [0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64)];
        byte[] frame = [0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0];
        // Constant parts: sizes 0 to 8, four bits each, in order. The rest of a block: "nothing more", one bit, 0.
        byte[] constant = [0xFF, 0xC4, 0, 28, 0, 0, 0, 0, 9, .. new byte[12], 0, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[] rest = [0xFF, 0xC4, 0, 20, 0x10, 1, .. new byte[15], 0];
        byte[] scan = [0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0];
        var bits = string.Concat(new[] { cyan, magenta, yellow, black }.Select(Block));
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '1');
        // A byte of ones in the data has a zero behind it.
        var data = bits.Chunk(8)
            .Select(chunk => Convert.ToByte(new string(chunk), 2))
            .SelectMany(one => one == 0xFF ? new byte[] { 0xFF, 0 } : [one]);
        byte[] adobe = [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0];
        File.WriteAllBytes(
            path,
            [0xFF, 0xD8, .. adobe, .. quantization, .. frame, .. constant, .. rest, .. scan, .. data, 0xFF, 0xD9]
        );

        // An even block is its constant part, 8 (value - 128), in units of 8.
        static string Block(byte value)
        {
            var level = value - 128;
            var size = level == 0 ? 0 : (int)Math.Log2(Math.Abs(level)) + 1;
            var amplitude = level < 0 ? level + (1 << size) - 1 : level;
            var text = size == 0 ? "" : Convert.ToString(amplitude, 2).PadLeft(size, '0');
            return $"{Convert.ToString(size, 2).PadLeft(4, '0')}{text}0";
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
