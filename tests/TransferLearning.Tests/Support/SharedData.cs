using TransferLearning.Tests.Guards;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Real data beside the repository, in <c>../shared/data</c>. Tests that need it skip where it is missing.
/// </summary>
internal static class SharedData
{
    /// <summary>The path of a file, or a skipped test.</summary>
    public static string File(params ReadOnlySpan<string> parts)
    {
        var path = Path.GetFullPath(Path.Combine([Repository.Root, "..", "shared", "data", .. parts]));
        Assert.SkipUnless(System.IO.File.Exists(path), $"{Path.Combine([.. parts])} is not among the shared data.");
        return path;
    }
}
