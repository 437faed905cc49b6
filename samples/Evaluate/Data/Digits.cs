using Samples.Shared;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>
/// Handwritten digits as images <c>[n, channels, 28, 28]</c> from 0 to 1; smaller and larger images are made 28x28 by
/// bilinear interpolation, as is usual.
/// </summary>
/// <param name="data">The folder that holds the data sets.</param>
internal sealed class Digits(string data)
{
    private const int Side = 28;
    private const int MnistMTraining = 2000;
    private const int OpticalTraining = 1000;

    /// <summary>The 60,000 training images of MNIST (LeCun 1998), gray, or in three channels alike.</summary>
    public LabeledDomain MnistTraining(int channels = 1) => Mnist("train", channels);

    /// <summary>The 10,000 test images of MNIST.</summary>
    public LabeledDomain MnistTest() => Mnist("t10k", channels: 1);

    /// <summary>The 7,291 training images of USPS (Hull 1994), gray.</summary>
    public LabeledDomain UspsTraining() => Usps("train");

    /// <summary>The 2,007 test images of USPS.</summary>
    public LabeledDomain UspsTest() => Usps("test");

    /// <summary>
    /// MNIST-M (Ganin 2016), digits over photographs in color: 2,000 images to adapt to and 1,000 others.
    /// </summary>
    public (LabeledDomain Training, LabeledDomain Others) MnistM()
    {
        using var archive = new NumpyArchive(Path.Combine(data, "digits", "mnist_m_test_first3000_32x32.npz"));
        var (shape, pixels) = archive.Read<byte>("x");
        var (_, labels) = archive.Read<byte>("y");
        var images = tensor(pixels).reshape(shape[0], shape[1], shape[2], shape[3]).permute(0, 3, 1, 2);
        return Split(Domain(images, ink: 255, labels), MnistMTraining);
    }

    /// <summary>
    /// The optical digits of the UCI (Alpaydin and Kaynak 1998), 8x8, which lie in the repository: 1,000 images to
    /// adapt to and 797 others.
    /// </summary>
    public static (LabeledDomain Training, LabeledDomain Others) Optical()
    {
        var folder = Path.Combine(RepositoryFolder.Path, "samples", "DigitAdaptation", "data");
        var domain = Idx(
            Path.Combine(folder, "optical-images.idx3.gz"),
            Path.Combine(folder, "optical-labels.idx1.gz"),
            ink: 16,
            channels: 1
        );
        return Split(domain, OpticalTraining);
    }

    private LabeledDomain Mnist(string split, int channels)
    {
        var folder = Path.Combine(data, "digits", "mnist");
        return Idx(
            Path.Combine(folder, $"{split}-images-idx3-ubyte.gz"),
            Path.Combine(folder, $"{split}-labels-idx1-ubyte.gz"),
            ink: 255,
            channels
        );
    }

    private LabeledDomain Usps(string split)
    {
        using var archive = new NumpyArchive(Path.Combine(data, "digits", "usps_16x16.npz"));
        var (shape, pixels) = archive.Read<float>($"{split}_x");
        var (_, labels) = archive.Read<byte>($"{split}_y");
        return Domain(tensor(pixels).reshape(shape[0], 1, 16, 16), ink: 1, labels);
    }

    private static LabeledDomain Idx(string images, string labels, double ink, int channels)
    {
        var (shape, pixels) = IdxFile.Read(images);
        var gray = tensor(pixels).reshape(shape[0], 1, shape[1], shape[2]);
        return Domain(gray, ink, IdxFile.Read(labels).Elements, channels);
    }

    private static LabeledDomain Domain(Tensor images, double ink, byte[] labels, int channels = 1)
    {
        using var scope = NewDisposeScope();
        var scaled = images.to(ScalarType.Float32) / ink;
        if (scaled.shape[^1] != Side)
        {
            scaled = nn.functional.interpolate(
                scaled,
                size: [Side, Side],
                mode: InterpolationMode.Bilinear,
                align_corners: false
            );
        }

        // Channels that are alike share their memory.
        var whole = scaled.contiguous().expand(scaled.shape[0], Math.Max(channels, scaled.shape[1]), Side, Side);
        return new LabeledDomain(
            whole.MoveToOuterDisposeScope(),
            tensor(Array.ConvertAll(labels, label => (long)label)).MoveToOuterDisposeScope(),
            space: LabelSpace.Classes(10)
        );
    }

    private static (LabeledDomain First, LabeledDomain Others) Split(LabeledDomain domain, long first) =>
        (domain.Some(arange(first)), domain.Some(arange(first, domain.Count)));
}
