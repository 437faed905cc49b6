namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(
                Aten.zeros_like.Invoke(this, dtype ?? this.dtype, Argument.None, device ?? this.device),
                requires_grad
            );

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(
                Aten.ones_like.Invoke(this, dtype ?? this.dtype, Argument.None, device ?? this.device),
                requires_grad
            );

        public Tensor full_like(
            Scalar value,
            ScalarType? dtype = null,
            Device? device = null,
            bool requires_grad = false
        ) =>
            Finish(
                Aten.full_like.Invoke(this, value, dtype ?? this.dtype, Argument.None, device ?? this.device),
                requires_grad
            );

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(
                Aten.randn_like.Invoke(this, dtype ?? this.dtype, Argument.None, device ?? this.device),
                requires_grad
            );

        public Tensor new_zeros(
            long size,
            ScalarType? dtype = null,
            Device? device = null,
            bool requires_grad = false
        ) => torch.zeros(size, dtype ?? this.dtype, device ?? this.device, requires_grad);
    }
}
