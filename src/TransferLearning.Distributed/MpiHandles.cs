using System.Runtime.InteropServices;

namespace TransferLearning.Distributed;

/// <summary>What an MPI library calls its communicator, types and operations.</summary>
/// <remarks>
/// Open MPI has pointers to exported symbols, MPICH and what follows its ABI (Intel MPI, MS-MPI) fixed numbers; both
/// are passed as one machine word.
/// </remarks>
internal sealed record MpiHandles(
    nint World,
    nint Byte,
    nint Float,
    nint Double,
    nint Sum,
    nint ErrorsReturn,
    nint InPlace
)
{
    public static MpiHandles Of(nint library) =>
        NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world)
            ? new MpiHandles(
                world,
                NativeLibrary.GetExport(library, "ompi_mpi_byte"),
                NativeLibrary.GetExport(library, "ompi_mpi_float"),
                NativeLibrary.GetExport(library, "ompi_mpi_double"),
                NativeLibrary.GetExport(library, "ompi_mpi_op_sum"),
                NativeLibrary.GetExport(library, "ompi_mpi_errors_return"),
                1
            )
            : new MpiHandles(0x44000000, 0x4c00010d, 0x4c00040a, 0x4c00080b, 0x58000003, 0x54000001, -1);
}
