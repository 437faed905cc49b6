namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Native.bridge_tensor_rank(Handle);

        public long ndim => Dimensions;

        public long NumberOfElements => Native.bridge_tensor_numel(Handle);

        public long ElementSize => Native.bridge_tensor_itemsize(Handle);

        public ScalarType dtype => (ScalarType)Native.bridge_tensor_type(Handle);

        public Device device => Device.Unpack(Native.bridge_tensor_device(Handle));

        public DeviceType device_type => (DeviceType)(Native.bridge_tensor_device(Handle) >> 32);

        public int device_index => (int)Native.bridge_tensor_device(Handle);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Native.bridge_tensor_rank(Handle)];
                fixed (long* first = sizes)
                    Native.bridge_tensor_sizes(handle, first);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        /// <summary>The transposed matrix; all dimensions reversed for other ranks.</summary>
        public Tensor T => Aten.numpy_T.Invoke(this);

        /// <summary>The last two dimensions swapped.</summary>
        public Tensor mT => Aten.mT.Invoke(this);

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            var index = dim < 0 ? dim + sizes.Length : dim;
            return index >= 0 && index < sizes.Length
                ? sizes[index]
                : throw new ArgumentOutOfRangeException(
                    nameof(dim),
                    dim,
                    $"A tensor of {sizes.Length} dimensions has no dimension {dim}."
                );
        }

        public unsafe long[] stride()
        {
            var strides = new long[Native.bridge_tensor_rank(Handle)];
            fixed (long* first = strides)
                Native.Check(Native.bridge_tensor_strides(handle, first));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => dim < 0 ? stride()[^-dim] : stride()[dim];

        public bool is_contiguous() => Native.bridge_tensor_is_contiguous(Handle);

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);
    }
}
