using System.Buffers.Binary;
using System.IO.Compression;
using TransferLearning.Tests.Guards;
using static TorchSharp.torch;

namespace TransferLearning.Tests.EndToEnd;

/// <summary>
/// Two real sets of handwritten digits as 64 numbers a digit, small enough for a test: MNIST's 20x20 box pooled to 8x8,
/// and the optical digits as they are. Both lie in the repository with the digits sample, which says where they come
/// from.
/// </summary>
internal static class SmallDigits
{
    private static readonly Lazy<(LabeledDomain Source, LabeledDomain Target)> Loaded = new(Load);

    /// <summary>5,000 MNIST digits.</summary>
    public static LabeledDomain Source => Loaded.Value.Source;

    /// <summary>1,797 optical digits; methods see them without their labels.</summary>
    public static LabeledDomain Target => Loaded.Value.Target;

    private static (LabeledDomain, LabeledDomain) Load()
    {
        using var scope = NewDisposeScope();
        var mnist = Images("mnist-train-images.idx3.gz");
        var pooled = nn.functional.adaptive_avg_pool2d(mnist.narrow(1, 4, 20).narrow(2, 4, 20).unsqueeze(1), [8, 8]);
        var optical = Images("optical-images.idx3.gz");
        return (
            Domain(pooled.reshape(-1, 64) / 255, "mnist-train-labels.idx1.gz"),
            Domain(optical.reshape(-1, 64) / 16, "optical-labels.idx1.gz")
        );
    }

    private static LabeledDomain Domain(Tensor rows, string labels) =>
        new(
            rows.DetachFromDisposeScope(),
            tensor(Bytes(labels, 8).Select(label => (long)label).ToArray()).DetachFromDisposeScope(),
            space: LabelSpace.Classes(10)
        );

    private static Tensor Images(string file)
    {
        var header = Bytes(file, 0)[..16];
        long Size(int place) => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 * place));
        return tensor(Bytes(file, 16)).reshape(Size(1), Size(2), Size(3)).to(float32);
    }

    private static byte[] Bytes(string file, int skip)
    {
        using var stream = new GZipStream(
            File.OpenRead(Repository.Path("samples", "DigitAdaptation", "data", file)),
            CompressionMode.Decompress
        );
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray()[skip..];
    }
}
