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

    public static void set_default_dtype(ScalarType dtype) => Native.Check(Native.bridge_set_default_type((int)dtype));

    public static Device get_default_device() => defaultDevice;

    public static void set_default_device(Device device) => defaultDevice = InitializeDevice(device);

    public static void set_default_device(string device) => set_default_device(new Device(device));

    public static int get_num_threads() => Native.bridge_get_num_threads();

    public static void set_num_threads(int num) => Native.bridge_set_num_threads(num);

    public static int get_num_interop_threads() => Native.bridge_get_num_interop_threads();

    public static void set_num_interop_threads(int num) => Native.Check(Native.bridge_set_num_interop_threads(num));

    public static bool cuda_is_available() => cuda.is_available();

    public static bool is_tensor(object obj) => obj is Tensor;

    public static long numel(Tensor input) => input.numel();

    /// <summary>The type in which operations on both are computed.</summary>
    public static ScalarType result_type(Tensor tensor1, Tensor tensor2) =>
        (ScalarType)Aten.result_type_Tensor.InvokeScalar(tensor1, tensor2).ToInt32();

    public static class cuda
    {
        public static bool is_available() => Native.bridge_cuda_is_available();

        public static bool is_cudnn_available() => Native.bridge_cudnn_is_available();

        public static int device_count() => Native.bridge_cuda_device_count();

        public static void manual_seed(long seed) => Native.Check(Native.bridge_cuda_manual_seed((ulong)seed, false));

        public static void manual_seed_all(long seed) =>
            Native.Check(Native.bridge_cuda_manual_seed((ulong)seed, true));

        public static void synchronize(Device? device = null)
        {
            InitializeDeviceType(DeviceType.CUDA);
            Native.Check(Native.bridge_cuda_synchronize(device?.index ?? -1));
        }
    }
}
