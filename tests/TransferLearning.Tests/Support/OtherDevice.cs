using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// The device of the tests of the category Cuda: the GPU, or what <c>TRANSFERLEARNING_DEVICE</c> names (<c>cpu</c> runs
/// them where there is none).
/// </summary>
internal static class OtherDevice
{
    private static readonly string Name = Environment.GetEnvironmentVariable("TRANSFERLEARNING_DEVICE") ?? "cuda";
    private static readonly string? Figures = Environment.GetEnvironmentVariable("TRANSFERLEARNING_FIGURES");

    /// <summary>The device; where there is none, the test is skipped.</summary>
    public static Device OrSkip()
    {
        Assert.SkipUnless(Name == "cpu" || cuda.is_available(), "there is no CUDA device here.");
        return device(Name);
    }

    /// <summary>The rows of a theory: all where the device is there, else one that is skipped.</summary>
    public static TheoryData<string> Rows(IEnumerable<string> all) =>
        Name == "cpu" || cuda.is_available() ? [.. all] : [.. all.Take(1)];

    /// <summary>
    /// How far inputs are moved where the CPU stands in for the GPU, so that something differs: by rounding alone.
    /// </summary>
    public static double Noise => Name == "cpu" ? 1e-15 : 0;

    /// <summary>Adds a line to the file that <c>TRANSFERLEARNING_FIGURES</c> names, where it names one.</summary>
    public static void Note(FormattableString line)
    {
        if (Figures is not null)
        {
            File.AppendAllText(Figures, FormattableString.Invariant(line) + Environment.NewLine);
        }
    }
}
