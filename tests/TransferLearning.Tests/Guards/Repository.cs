using System.Runtime.CompilerServices;

namespace TransferLearning.Tests.Guards;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find([CallerFilePath] string file = "")
    {
        // A deterministic build maps source paths, so the built assembly's place is tried first.
        foreach (var start in new[] { AppContext.BaseDirectory, System.IO.Path.GetDirectoryName(file)! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(System.IO.Path.Combine(folder.FullName, "TransferLearning.sln")))
                {
                    return folder.FullName;
                }
            }
        }
        throw new DirectoryNotFoundException("These tests look at the repository's own files and must run inside it.");
    }
}
