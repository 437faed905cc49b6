using System.Runtime.InteropServices;

namespace TransferLearning.Distributed;

/// <summary>The calls of MPI's C interface, in the library that this machine has.</summary>
internal static partial class MpiLibrary
{
    /// <summary>Any thread may call, several at once.</summary>
    public const int ThreadMultiple = 3;

    /// <summary>Any thread may call, one at a time.</summary>
    public const int ThreadSerialized = 2;

    /// <summary>The most characters of an error text: MPICH's 1024, Open MPI's 256.</summary>
    public const int LongestText = 1024;

    /// <summary>The environment variable that names a library where the machine has several.</summary>
    public const string Variable = "TRANSFERLEARNING_MPI";

    private const string Name = "mpi";
    private const int LoadNow = 2;

    // Open MPI's plugins look for the library's symbols among all that are loaded. macOS and Linux number it alike but
    // for this flag.
    private static readonly int ForAll = OperatingSystem.IsMacOS() ? 8 : 0x100;

    private static readonly string[] Linux = ["libmpi.so.40", "libmpi.so.12", "libmpich.so.12", "libmpi.so"];
    private static readonly string[] MacOS = ["libmpi.40.dylib", "libmpi.12.dylib", "libmpi.dylib"];
    private static readonly Lazy<nint> Loaded = new(Load);

    static MpiLibrary() =>
        NativeLibrary.SetDllImportResolver(
            typeof(MpiLibrary).Assembly,
            (name, _, _) => name == Name ? Loaded.Value : 0
        );

    /// <summary>The loaded library.</summary>
    /// <exception cref="MpiException">There is none.</exception>
    public static nint Handle => Loaded.Value;

    [LibraryImport(Name, EntryPoint = "MPI_Init_thread")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int InitThread(nint count, nint arguments, int required, out int provided);

    [LibraryImport(Name, EntryPoint = "MPI_Initialized")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Initialized(out int flag);

    [LibraryImport(Name, EntryPoint = "MPI_Finalized")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Finalized(out int flag);

    [LibraryImport(Name, EntryPoint = "MPI_Finalize")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int End();

    [LibraryImport(Name, EntryPoint = "MPI_Comm_rank")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Rank(nint communicator, out int rank);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_size")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Size(nint communicator, out int size);

    [LibraryImport(Name, EntryPoint = "MPI_Comm_set_errhandler")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SetErrorHandler(nint communicator, nint handler);

    [LibraryImport(Name, EntryPoint = "MPI_Allreduce")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int AllReduce(
        nint send,
        ref byte receive,
        int count,
        nint type,
        nint operation,
        nint communicator
    );

    [LibraryImport(Name, EntryPoint = "MPI_Allgather")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int AllGather(
        ref byte send,
        int sent,
        nint sentType,
        ref byte receive,
        int received,
        nint receivedType,
        nint communicator
    );

    [LibraryImport(Name, EntryPoint = "MPI_Bcast")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Broadcast(ref byte values, int count, nint type, int root, nint communicator);

    [LibraryImport(Name, EntryPoint = "MPI_Barrier")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Barrier(nint communicator);

    [LibraryImport(Name, EntryPoint = "MPI_Abort")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Abort(nint communicator, int code);

    [LibraryImport(Name, EntryPoint = "MPI_Error_string")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ErrorText(int code, ref byte text, out int length);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Open(string name, int flags);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    private static nint Load()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (OperatingSystem.IsWindows())
        {
            return NativeLibrary.TryLoad(named ?? "msmpi.dll", out var found) ? found : throw Missing(named);
        }
        // The runtime makes a NullReferenceException of a segmentation fault in managed code; UCX, which Open MPI uses
        // on InfiniBand, would end the process.
        _ = SetEnvironment("UCX_ERROR_SIGNALS", "SIGILL,SIGBUS,SIGFPE", overwrite: 0);
        foreach (var name in Names(named))
        {
            if (Open(name, LoadNow | ForAll) is not 0 and var library)
            {
                return library;
            }
        }
        throw Missing(named);
    }

    private static string[] Names(string? named)
    {
        if (named is not null)
        {
            return [named];
        }
        return OperatingSystem.IsMacOS() ? MacOS : Linux;
    }

    private static MpiException Missing(string? named) =>
        new(
            $"no MPI library{(named is null ? "" : $" '{named}' ({Variable})")} on {Environment.MachineName}: on "
                + "Debian or Ubuntu 'apt-get install openmpi-bin libopenmpi3' (or mpich), on macOS 'brew install "
                + "open-mpi', on Windows MS-MPI; on a cluster load its module first ('module load openmpi')."
        );
}
