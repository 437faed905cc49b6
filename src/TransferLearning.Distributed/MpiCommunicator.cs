using System.Runtime.InteropServices;
using System.Text;

namespace TransferLearning.Distributed;

/// <summary>The processes that mpirun, srun or mpiexec has started: MPI's world.</summary>
/// <remarks>
/// MPI starts at the first use of <see cref="World"/>, and ends when the process ends; it cannot start again. A process
/// that ends by an unhandled exception, or with an exit code other than 0, ends all others. Open MPI, MPICH and MS-MPI
/// are called by their C interface; nothing has to be compiled.
/// </remarks>
public sealed class MpiCommunicator : ICommunicator
{
    // Where Open MPI's mpirun, MPICH's mpiexec and Slurm's srun tell their processes how many they are.
    private static readonly string[] Counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

    private static readonly Lazy<MpiCommunicator> Started = new(() => new MpiCommunicator());

    private readonly MpiHandles handles;
    private readonly Lock gate = new();

    private MpiCommunicator()
    {
        handles = MpiHandles.Of(MpiLibrary.Handle);
        Check(MpiLibrary.Initialized(out var isRunning), "MPI_Initialized");
        if (isRunning == 0)
        {
            Check(MpiLibrary.InitThread(0, 0, MpiLibrary.ThreadMultiple, out var provided), "MPI_Init_thread");
            if (provided < MpiLibrary.ThreadSerialized)
            {
                throw new MpiException(
                    $"{this}: this MPI lets the main thread alone call it, and .NET's threads are others. Load one "
                        + "that was built with threads."
                );
            }
        }
        Check(MpiLibrary.SetErrorHandler(handles.World, handles.ErrorsReturn), "MPI_Comm_set_errhandler");
        Check(MpiLibrary.Rank(handles.World, out var rank), "MPI_Comm_rank");
        Check(MpiLibrary.Size(handles.World, out var size), "MPI_Comm_size");
        (Rank, Size) = (rank, size);
        CheckLauncher();
        AppDomain.CurrentDomain.UnhandledException += (_, fault) => Abort(fault.ExceptionObject.ToString()!);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave();
    }

    /// <summary>All processes of this run; one where the program was started by itself.</summary>
    /// <exception cref="MpiException">This machine has no MPI, or MPI did not start.</exception>
    public static MpiCommunicator World => Started.Value;

    /// <inheritdoc />
    public int Rank { get; }

    /// <inheritdoc />
    public int Size { get; } = 1;

    /// <inheritdoc />
    public string Host { get; } = Environment.MachineName;

    private static bool IsFinished => MpiLibrary.Finalized(out var flag) != 0 || flag != 0;

    /// <inheritdoc />
    public void AllReduceSum(Span<float> values) => Sum(values, handles.Float);

    /// <inheritdoc />
    public void AllReduceSum(Span<double> values) => Sum(values, handles.Double);

    /// <inheritdoc />
    public void AllGather(ReadOnlySpan<byte> own, Span<byte> all)
    {
        if (all.Length != (long)own.Length * Size)
        {
            throw new ArgumentException(
                $"{this}: {Size} processes of {own.Length} bytes need {(long)own.Length * Size} in all; got "
                    + $"{all.Length}.",
                nameof(all)
            );
        }
        lock (gate)
        {
            Check(
                MpiLibrary.AllGather(
                    ref MemoryMarshal.GetReference(own),
                    own.Length,
                    handles.Byte,
                    ref MemoryMarshal.GetReference(all),
                    own.Length,
                    handles.Byte,
                    Running()
                ),
                "MPI_Allgather"
            );
        }
    }

    /// <inheritdoc />
    public void Broadcast(Span<byte> values, int root = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, Size);
        lock (gate)
        {
            Check(
                MpiLibrary.Broadcast(
                    ref MemoryMarshal.GetReference(values),
                    values.Length,
                    handles.Byte,
                    root,
                    Running()
                ),
                "MPI_Bcast"
            );
        }
    }

    /// <inheritdoc />
    public void Barrier()
    {
        lock (gate)
        {
            Check(MpiLibrary.Barrier(Running()), "MPI_Barrier");
        }
    }

    /// <inheritdoc />
    public void Abort(string reason)
    {
        Console.Error.WriteLine($"{this}: {reason}");
        Console.Error.Flush();
        if (!IsFinished)
        {
            // Without the lock: another thread may wait inside a call that nobody will answer.
            _ = MpiLibrary.Abort(handles.World, 1);
        }
    }

    /// <summary>Which process this is.</summary>
    public override string ToString() => $"rank {Rank} of {Size} on {Host}";

    // Of a launcher that belongs to another MPI, each process would be a run of its own.
    private void CheckLauncher()
    {
        foreach (var name in Counts)
        {
            if (Size == 1 && int.TryParse(Environment.GetEnvironmentVariable(name), out var count) && count > 1)
            {
                throw new MpiException(
                    $"{this}: {name} says {count} processes, and the MPI library that was found knows of one. Its "
                        + $"launcher is another one: start with the library's own, or name that of the launcher in "
                        + $"{MpiLibrary.Variable}, libmpich.so.12 for instance."
                );
            }
        }
    }

    private void Leave()
    {
        if (IsFinished)
        {
            return;
        }
        if (Environment.ExitCode != 0)
        {
            Abort($"ends with exit code {Environment.ExitCode}.");
            return;
        }
        // Waits for the others.
        lock (gate)
        {
            _ = MpiLibrary.End();
        }
    }

    private void Sum<T>(Span<T> values, nint type)
        where T : unmanaged
    {
        lock (gate)
        {
            Check(
                MpiLibrary.AllReduce(
                    handles.InPlace,
                    ref MemoryMarshal.GetReference(MemoryMarshal.AsBytes(values)),
                    values.Length,
                    type,
                    handles.Sum,
                    Running()
                ),
                "MPI_Allreduce"
            );
        }
    }

    private nint Running() => IsFinished ? throw new MpiException($"{this}: MPI has been ended.") : handles.World;

    private void Check(int code, string call)
    {
        if (code == 0)
        {
            return;
        }
        var text = new byte[MpiLibrary.LongestText];
        _ = MpiLibrary.ErrorText(code, ref text[0], out var length);
        throw new MpiException($"{this}: {call} failed: {Encoding.UTF8.GetString(text, 0, length)}");
    }
}
