using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace TransferLearning.Internal;

/// <summary>Keeps convolutions right on virtual machines that hide the caches of an AMD processor.</summary>
/// <remarks>
/// Where the processor's leaf 0x8000001D is empty, as some hypervisors leave it, oneDNN 3.7.1 (in libtorch 2.10.0)
/// computes a cache of one byte. Its reorders then take a path that leaves the padding of channels unwritten, and
/// float32 convolutions whose channels are no multiple of the vector's width multiply what lay in that memory: results
/// are wrong, or NaN, without an error. oneDNN 3.8 reads the leaf right. Here libtorch is told to convolve without
/// oneDNN, on such processors alone; and without NNPACK, which it would try next: that does not start without known
/// caches, and says so in a line for each convolution.
/// </remarks>
internal static class HiddenCaches
{
    private const int CacheTopology = unchecked((int)0x8000001D);
    private const int CacheTypeMask = 0x1F;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint GlobalContext();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void SetUserEnabled(nint context, [MarshalAs(UnmanagedType.I1)] bool enabled);

    /// <summary>Whether this processor is one of AMD that says nothing about its first cache.</summary>
    public static bool AreHere => X86Base.IsSupported && Hide(X86Base.CpuId(0, 0), X86Base.CpuId(CacheTopology, 0));

    /// <summary>Whether these answers of a processor are those of AMD without a first cache.</summary>
    internal static bool Hide(
        (int Eax, int Ebx, int Ecx, int Edx) vendor,
        (int Eax, int Ebx, int Ecx, int Edx) firstCache
    ) =>
        // "Auth", "enti", "cAMD".
        (vendor.Ebx, vendor.Edx, vendor.Ecx) == (0x68747541, 0x69746E65, 0x444D4163)
        && (firstCache.Eax & CacheTypeMask) == 0;

    // Before the first convolution: whatever a program touches first of this library runs it.
#pragma warning disable CA2255 // A library may rarely use ModuleInitializer: any entry point may be a program's first.
    [ModuleInitializer]
    internal static void Mend()
#pragma warning restore CA2255
    {
        if (!AreHere)
        {
            return;
        }
        if (!OperatingSystem.IsLinux())
        {
            // oneDNN reads it at its first use, and has no such reorders below AVX.
            Environment.SetEnvironmentVariable("ONEDNN_MAX_CPU_ISA", "SSE41");
            return;
        }
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (TypeInitializationException)
        {
            // No libtorch was found; the program's first tensor says so.
            return;
        }
        var library = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, searchPath: null);
        var context = Find<GlobalContext>(library, "_ZN2at13globalContextEv")();
        Find<SetUserEnabled>(library, "_ZN2at7Context20setUserEnabledMkldnnEb")(context, enabled: false);
        Find<SetUserEnabled>(library, "_ZN2at7Context20setUserEnabledNNPACKEb")(context, enabled: false);
    }

    private static T Find<T>(nint library, string symbol)
        where T : Delegate =>
        NativeLibrary.TryGetExport(library, symbol, out var address)
            ? Marshal.GetDelegateForFunctionPointer<T>(address)
            : throw new EntryPointNotFoundException(
                $"libtorch lacks {symbol}, and this virtual machine hides the processor's caches, which makes "
                    + "float32 convolutions of libtorch 2.10.0 wrong. Set ONEDNN_MAX_CPU_ISA=SSE41 and a libtorch "
                    + "that has the symbol, or run where the hypervisor shows the caches."
            );
}
