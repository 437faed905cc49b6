namespace Evaluate.Measuring;

/// <summary>Files that are never half written: they are written beside and renamed.</summary>
internal static class WholeFile
{
    /// <summary>Writes lines in place of what the file held; its folder is made where it is missing.</summary>
    public static void Write(string path, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllLines(path + ".new", lines);
        File.Move(path + ".new", path, overwrite: true);
    }
}
