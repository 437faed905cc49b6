namespace DigitAdaptation.Digits;

/// <summary>
/// One adaptation task: a labelled source, an unlabelled target to adapt to, and other target images to be judged by.
/// All images have one size.
/// </summary>
/// <param name="SourceName">What the source is called in tables and pictures.</param>
/// <param name="TargetName">What the target is called in tables and pictures.</param>
/// <param name="Source">Source images for training; their labels are used.</param>
/// <param name="Target">Target images for training; only the oracle uses their labels.</param>
/// <param name="TargetTest">Target images that no training sees.</param>
public sealed record DigitTask(
    string SourceName,
    string TargetName,
    DigitImages Source,
    DigitImages Target,
    DigitImages TargetTest
)
{
    /// <summary>Both sides of every image: the size of MNIST.</summary>
    public const int Side = 28;

    /// <summary>The border around MNIST's digits, which were fitted into 20x20 pixels.</summary>
    private const int Border = 4;

    private const int OpticalTraining = 1000;

    /// <summary>
    /// MNIST to the optical digits, from the files that lie beside the program. The 8x8 images, which their digits
    /// fill, are brought to the scale of MNIST's digits.
    /// </summary>
    public static DigitTask Bundled()
    {
        var optical = ReadBundled("optical", ink: 16f).Resize(Side - (2 * Border), Side - (2 * Border)).Frame(Border);
        return new DigitTask(
            "MNIST",
            "UCI optical",
            ReadBundled("mnist-train", ink: 255f),
            optical.Slice(0, OpticalTraining),
            optical.Slice(OpticalTraining, optical.Count)
        );
    }

    /// <summary>
    /// MNIST to USPS and back, from a folder that holds <c>digits/mnist/*.gz</c> and <c>digits/usps_16x16.npz</c>.
    /// </summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static IReadOnlyList<DigitTask> FromFolder(string folder)
    {
        var mnist = Path.Combine(folder, "digits", "mnist");
        var (mnistTrain, mnistTest) = (ReadMnist(mnist, "train"), ReadMnist(mnist, "t10k"));
        using var archive = new NumpyArchive(Path.Combine(folder, "digits", "usps_16x16.npz"));
        var (uspsTrain, uspsTest) = (ReadUsps(archive, "train"), ReadUsps(archive, "test"));
        return
        [
            new DigitTask("MNIST", "USPS", mnistTrain, uspsTrain, uspsTest),
            new DigitTask("USPS", "MNIST", uspsTrain, mnistTrain, mnistTest),
        ];
    }

    private static DigitImages ReadBundled(string name, float ink)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "data", name);
        return IdxFile.ReadImages($"{path}-images.idx3.gz", $"{path}-labels.idx1.gz", ink);
    }

    private static DigitImages ReadMnist(string folder, string split) =>
        IdxFile.ReadImages(
            Path.Combine(folder, $"{split}-images-idx3-ubyte.gz"),
            Path.Combine(folder, $"{split}-labels-idx1-ubyte.gz"),
            ink: 255f
        );

    private static DigitImages ReadUsps(NumpyArchive archive, string split)
    {
        var (_, pixels) = archive.ReadSingles($"{split}_x");
        var (_, labels) = archive.ReadBytes($"{split}_y");
        return new DigitImages(pixels, Array.ConvertAll(labels, label => (long)label), 16, 16).Resize(Side, Side);
    }
}
