namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor gelu() => Aten.gelu.Invoke(this);

        public Tensor relu() => Aten.relu.Invoke(this);

        public Tensor silu() => Aten.silu.Invoke(this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.softmax_int.Invoke(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.log_softmax_int.Invoke(this, dim, dtype);

        public Tensor leaky_relu(Scalar negative_slope) => Aten.leaky_relu.Invoke(this, negative_slope);

        public Tensor elu(double alpha = 1) => Aten.elu.Invoke(this, alpha);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Aten.elu.Invoke(this, alpha, scale, input_scale);
    }
}
