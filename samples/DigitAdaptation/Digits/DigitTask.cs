using Samples.Shared;

namespace DigitAdaptation.Digits;

/// <summary>
/// One adaptation task: a labeled source, an unlabeled target to adapt to, and other target images to be judged by.
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
    private const int OpticalTraining = 1000;
    private const int RehearsalSource = 3500;
    private const int FolderTraining = 4000;
    private const int FolderTestStep = 4;

    /// <summary>
    /// MNIST to the optical digits, from the files that lie beside the program. The 8x8 images are put into
    /// <see cref="MnistLayout"/>.
    /// </summary>
    public static DigitTask Bundled()
    {
        var optical = MnistLayout.Apply(ReadBundled("optical", ink: 16f));
        return new DigitTask(
            "MNIST",
            "UCI optical",
            ReadBundled("mnist-train", ink: 255f),
            optical.Slice(0, OpticalTraining),
            optical.Slice(OpticalTraining, optical.Count)
        );
    }

    /// <summary>
    /// MNIST to other images of MNIST under each <see cref="MadeShift"/>: the tasks on which settings are chosen,
    /// because a choice there looks at no label of a real target.
    /// </summary>
    public static IReadOnlyList<DigitTask> Rehearsals()
    {
        var train = ReadBundled("mnist-train", ink: 255f);
        var (source, others) = (train.Slice(0, RehearsalSource), train.Slice(RehearsalSource, train.Count));
        var test = ReadBundled("mnist-test", ink: 255f);
        return [Rehearsal("broad MNIST", MadeShift.Broad), Rehearsal("thin MNIST", MadeShift.Thin)];

        DigitTask Rehearsal(string name, MadeShift shift) =>
            new("MNIST", name, source, shift.Apply(others), shift.Apply(test));
    }

    /// <summary>
    /// MNIST to USPS and back, from a folder that holds <c>digits/mnist/*.gz</c> and <c>digits/usps_16x16.npz</c>: the
    /// first 4,000 training images of each, judged on all test images of USPS and on every fourth of MNIST. USPS's
    /// 16x16 images take <see cref="MnistLayout"/> too.
    /// </summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static IReadOnlyList<DigitTask> FromFolder(string folder)
    {
        var mnist = Path.Combine(folder, "digits", "mnist");
        var (mnistTrain, mnistTest) = (
            ReadMnist(mnist, "train").Slice(0, FolderTraining),
            ReadMnist(mnist, "t10k").Every(FolderTestStep)
        );
        using var archive = new NumpyArchive(Path.Combine(folder, "digits", "usps_16x16.npz"));
        var (uspsTrain, uspsTest) = (ReadUsps(archive, "train").Slice(0, FolderTraining), ReadUsps(archive, "test"));
        return
        [
            new DigitTask("MNIST", "USPS", mnistTrain, uspsTrain, uspsTest),
            new DigitTask("USPS", "MNIST", uspsTrain, mnistTrain, mnistTest),
        ];
    }

    /// <summary>The same task with fewer images to train on, judged on the same ones.</summary>
    public DigitTask WithFewer(int source, int target) =>
        this with
        {
            Source = Source.Slice(0, source),
            Target = Target.Slice(0, target),
        };

    private static DigitImages ReadBundled(string name, float ink)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "data", name);
        return DigitImages.FromIdx($"{path}-images.idx3.gz", $"{path}-labels.idx1.gz", ink);
    }

    private static DigitImages ReadMnist(string folder, string split) =>
        DigitImages.FromIdx(
            Path.Combine(folder, $"{split}-images-idx3-ubyte.gz"),
            Path.Combine(folder, $"{split}-labels-idx1-ubyte.gz"),
            ink: 255f
        );

    private static DigitImages ReadUsps(NumpyArchive archive, string split)
    {
        var (_, pixels) = archive.Read<float>($"{split}_x");
        var (_, labels) = archive.Read<byte>($"{split}_y");
        return MnistLayout.Apply(new DigitImages(pixels, Array.ConvertAll(labels, label => (long)label), 16, 16));
    }
}
