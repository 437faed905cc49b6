namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor celu() => Aten.celu.Invoke(this);

        public Tensor celu(Scalar alpha) => Aten.celu.Invoke(this, alpha);

        public Tensor celu_() => Aten.celu_.Update(this);

        public Tensor celu_(Scalar alpha) => Aten.celu_.Update(this, alpha);

        public Tensor gelu() => Aten.gelu.Invoke(this);

        public Tensor glu(long dim = -1) => Aten.glu.Invoke(this, dim);

        public Tensor hardsigmoid() => Aten.hardsigmoid.Invoke(this);

        public Tensor hardswish() => Aten.hardswish.Invoke(this);

        public Tensor log_sigmoid() => Aten.log_sigmoid.Invoke(this);

        public Tensor prelu(Tensor target) => Aten.prelu.Invoke(this, target);

        public Tensor relu() => Aten.relu.Invoke(this);

        public Tensor relu_() => Aten.relu_.Update(this);

        public Tensor relu6() => Aten.relu6.Invoke(this);

        public Tensor selu() => Aten.selu.Invoke(this);

        public Tensor selu_() => Aten.selu_.Update(this);

        public Tensor silu() => Aten.silu.Invoke(this);

        public Tensor silu_() => Aten.silu_.Update(this);

        public Tensor softplus(double beta = 1, double threshold = 20) => Aten.softplus.Invoke(this, beta, threshold);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.softmax_int.Invoke(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.log_softmax_int.Invoke(this, dim, dtype);

        public Tensor threshold(Scalar threshold, Scalar value) => Aten.threshold.Invoke(this, threshold, value);

        public Tensor threshold_(Scalar threshold, Scalar value) => Aten.threshold_.Update(this, threshold, value);

        public Tensor leaky_relu(Scalar negative_slope) => Aten.leaky_relu.Invoke(this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => Aten.leaky_relu_.Update(this, negative_slope);

        public Tensor hardtanh(Scalar min, Scalar max) => Aten.hardtanh.Invoke(this, min, max);

        public Tensor hardtanh_(Scalar min, Scalar max) => Aten.hardtanh_.Update(this, min, max);

        public Tensor elu(double alpha = 1) => Aten.elu.Invoke(this, alpha);

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Aten.elu.Invoke(this, alpha, scale, input_scale);

        public Tensor elu_(double alpha = 1) => Aten.elu_.Update(this, alpha);

        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Aten.elu_.Update(this, alpha, scale, input_scale);
    }
}
