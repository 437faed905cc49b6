using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// The part of TorchSharp's API that is used here, over whatever libtorch the machine has. Names, signatures and
/// behaviour are TorchSharp 0.107's.
/// </summary>
public static partial class torch
{
    private static Device defaultDevice = CPU;

    /// <summary>The version of libtorch, such as 1.13.1.</summary>
    public static string __version__ => Marshal.PtrToStringUTF8(Native.bridge_version())!;

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.Current;

    public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static ScalarType get_default_dtype() => (ScalarType)Native.bridge_default_type();

    public static Device get_default_device() => defaultDevice;

    public static long numel(Tensor input) => input.numel();

    public static class cuda
    {
        public static bool is_available() => Native.bridge_cuda_is_available();

        public static int device_count() => Native.bridge_cuda_device_count();

        public static void synchronize(Device? device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            Native.Check(Native.bridge_cuda_synchronize(device?.index ?? -1));
        }
    }
}
