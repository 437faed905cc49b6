using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The C ABI of native/bridge.cpp.</summary>
internal static unsafe partial class Native
{
    private const string Library = "TorchSharp.SystemLibTorch.Native";

    /// <summary>Throws libtorch's message if a call has failed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check(bool succeeded)
    {
        if (!succeeded)
            ThrowLastError();
    }

    /// <summary>Passes an owned handle on, or throws libtorch's message if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IntPtr Check(IntPtr handle)
    {
        if (handle == IntPtr.Zero)
            ThrowLastError();
        return handle;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void ThrowLastError() =>
        throw new ExternalException(Marshal.PtrToStringUTF8(bridge_last_error()) ?? "libtorch failed.");

    [LibraryImport(Library)]
    private static partial IntPtr bridge_last_error();

    [LibraryImport(Library)]
    public static partial IntPtr bridge_version();

    [LibraryImport(Library)]
    public static partial void bridge_free(IntPtr memory);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial IntPtr bridge_operator(string name, string overload);

    [LibraryImport(Library)]
    public static partial int bridge_call(
        IntPtr op,
        NativeValue* arguments,
        int count,
        NativeValue* results,
        int capacity
    );

    [LibraryImport(Library)]
    public static partial void bridge_tensor_free(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial int bridge_tensor_type(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial long bridge_tensor_device(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial long bridge_tensor_rank(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial long bridge_tensor_numel(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    public static partial long bridge_tensor_itemsize(IntPtr tensor);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_is_sparse(IntPtr tensor);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_is_contiguous(IntPtr tensor);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_requires_grad(IntPtr tensor);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_is_leaf(IntPtr tensor);

    [LibraryImport(Library)]
    public static partial void bridge_tensor_sizes(IntPtr tensor, long* sizes);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_strides(IntPtr tensor, long* strides);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_storage_offset(IntPtr tensor, out long offset);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_data(IntPtr tensor, out IntPtr data);

    [LibraryImport(Library)]
    public static partial IntPtr bridge_tensor_create(
        void* data,
        long* sizes,
        long rank,
        int type,
        long device,
        [MarshalAs(UnmanagedType.U1)] bool requiresGrad
    );

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_save(IntPtr tensor, string path);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial IntPtr bridge_tensor_load(string path);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_set_requires_grad(
        IntPtr tensor,
        [MarshalAs(UnmanagedType.U1)] bool required
    );

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_retain_grad(IntPtr tensor);

    [LibraryImport(Library)]
    public static partial IntPtr bridge_tensor_grad(IntPtr tensor);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_tensor_set_grad(IntPtr tensor, IntPtr grad);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_backward(
        IntPtr* tensors,
        long count,
        IntPtr* gradients,
        long gradientCount,
        [MarshalAs(UnmanagedType.U1)] bool retainGraph,
        [MarshalAs(UnmanagedType.U1)] bool createGraph,
        IntPtr* inputs,
        long inputCount
    );

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_gradients(
        IntPtr* outputs,
        long outputCount,
        IntPtr* inputs,
        long inputCount,
        IntPtr* gradients,
        long gradientCount,
        [MarshalAs(UnmanagedType.U1)] bool retainGraph,
        [MarshalAs(UnmanagedType.U1)] bool createGraph,
        [MarshalAs(UnmanagedType.U1)] bool allowUnused,
        IntPtr* results
    );

    [LibraryImport(Library), SuppressGCTransition]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_grad_enabled();

    [LibraryImport(Library), SuppressGCTransition]
    public static partial void bridge_set_grad_enabled([MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_inference_enabled();

    [LibraryImport(Library)]
    public static partial IntPtr bridge_inference_enter([MarshalAs(UnmanagedType.U1)] bool enabled);

    [LibraryImport(Library)]
    public static partial void bridge_inference_leave(IntPtr mode);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_anomaly_enabled();

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_anomaly_checks_nan();

    [LibraryImport(Library)]
    public static partial void bridge_set_anomaly(
        [MarshalAs(UnmanagedType.U1)] bool enabled,
        [MarshalAs(UnmanagedType.U1)] bool checkNan
    );

    [LibraryImport(Library)]
    public static partial IntPtr bridge_generator_default(long device);

    [LibraryImport(Library)]
    public static partial IntPtr bridge_generator_create(ulong seed, long device);

    [LibraryImport(Library)]
    public static partial void bridge_generator_free(IntPtr generator);

    [LibraryImport(Library)]
    public static partial long bridge_generator_device(IntPtr generator);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_generator_set_seed(IntPtr generator, ulong seed);

    [LibraryImport(Library)]
    public static partial ulong bridge_generator_seed(IntPtr generator);

    [LibraryImport(Library)]
    public static partial ulong bridge_generator_reseed(IntPtr generator);

    [LibraryImport(Library)]
    public static partial IntPtr bridge_generator_state(IntPtr generator);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_generator_set_state(IntPtr generator, IntPtr state);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_manual_seed(ulong seed);

    [LibraryImport(Library)]
    public static partial int bridge_get_num_threads();

    [LibraryImport(Library)]
    public static partial void bridge_set_num_threads(int count);

    [LibraryImport(Library)]
    public static partial int bridge_get_num_interop_threads();

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_set_num_interop_threads(int count);

    [LibraryImport(Library)]
    public static partial int bridge_default_type();

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_set_default_type(int type);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_cuda_is_available();

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_cudnn_is_available();

    [LibraryImport(Library)]
    public static partial int bridge_cuda_device_count();

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_cuda_synchronize(long index);

    [LibraryImport(Library)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool bridge_cuda_manual_seed(ulong seed, [MarshalAs(UnmanagedType.U1)] bool everyDevice);
}
