namespace Evaluate;

/// <summary>The repository that this program was built in.</summary>
internal static class RepositoryFolder
{
    /// <summary>The folder that holds the solution, or the present one where there is none above the program.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "TransferLearning.sln")))
            {
                return folder.FullName;
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
