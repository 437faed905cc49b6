using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>
/// A run's hold on its checkpoint folder: a file that is locked while the run lives, so that two runs do not delete
/// each other's checkpoints.
/// </summary>
/// <remarks>
/// The system ends the lock with the process, however it ends; the file of one that was killed stays and is in nobody's
/// way. File systems without locks hold nothing back.
/// </remarks>
internal sealed class FolderHold : IDisposable
{
    private const string Name = "run.lock";

    // What another process' lock is called: Linux, macOS, Windows.
    private static readonly int[] InUse = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream file;

    private FolderHold(FileStream file) => this.file = file;

    /// <summary>
    /// Makes the folder if it is missing, takes hold of it, and removes what killed runs left unfinished.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isWriter">Whether this process writes; one that reads makes the folder and holds nothing.</param>
    /// <exception cref="InvalidOperationException">Another run holds it.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static FolderHold? Of(string folder, bool isWriter)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (!isWriter)
            {
                return null;
            }
            var hold = new FolderHold(
                new FileStream(
                    Path.Combine(folder, Name),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None,
                    bufferSize: 1,
                    FileOptions.DeleteOnClose
                )
            );
            try
            {
                RemoveUnfinished(folder);
            }
            catch
            {
                hold.Dispose();
                throw;
            }
            return hold;
        }
        catch (IOException fault) when (InUse.Contains(fault.HResult))
        {
            throw new InvalidOperationException(
                $"another run is writing its checkpoints into '{folder}' at this moment: give each run a folder of its "
                    + "own, or wait until that one has ended.",
                fault
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"checkpoints cannot be written into '{folder}': {fault.Message} Name a folder that this program may "
                    + "write.",
                fault
            );
        }
    }

    public void Dispose() => file.Dispose();

    private static void RemoveUnfinished(string folder)
    {
        foreach (var unfinished in Directory.EnumerateFiles(folder, $"*.checkpoint{StateFile.Unfinished}").ToList())
        {
            File.Delete(unfinished);
        }
    }
}
