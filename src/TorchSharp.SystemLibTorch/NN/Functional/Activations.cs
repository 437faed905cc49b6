using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Stateless forms of the layers, the losses and the distances.</summary>
        public static partial class functional
        {
            private static readonly Operator ReluOp = new("aten::relu");
            private static readonly Operator ReluInPlaceOp = new("aten::relu_");
            private static readonly Operator LeakyReluOp = new("aten::leaky_relu");
            private static readonly Operator LeakyReluInPlaceOp = new("aten::leaky_relu_");
            private static readonly Operator EluOp = new("aten::elu");
            private static readonly Operator EluInPlaceOp = new("aten::elu_");
            private static readonly Operator GeluOp = new("aten::gelu");
            private static readonly Operator GeluInPlaceOp = new("aten::gelu_");
            private static readonly Operator SigmoidOp = new("aten::sigmoid");
            private static readonly Operator SigmoidInPlaceOp = new("aten::sigmoid_");
            private static readonly Operator TanhOp = new("aten::tanh");
            private static readonly Operator TanhInPlaceOp = new("aten::tanh_");
            private static readonly Operator SiluOp = new("aten::silu");
            private static readonly Operator SiluInPlaceOp = new("aten::silu_");
            private static readonly Operator SoftmaxOp = new("aten::softmax", "int");
            private static readonly Operator LogSoftmaxOp = new("aten::log_softmax", "int");
            private static readonly Operator SoftplusOp = new("aten::softplus");
            private static readonly Operator LogSigmoidOp = new("aten::log_sigmoid");
            private static readonly Operator GluOp = new("aten::glu");
            private static readonly Operator DropoutOp = new("aten::dropout");
            private static readonly Operator DropoutInPlaceOp = new("aten::dropout_");
            private static readonly Operator FeatureDropoutOp = new("aten::feature_dropout");
            private static readonly Operator FeatureDropoutInPlaceOp = new("aten::feature_dropout_");

            public static Tensor relu(Tensor x, bool inplace = false) => (inplace ? ReluInPlaceOp : ReluOp).Invoke(x);

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                (inplace ? LeakyReluInPlaceOp : LeakyReluOp).Invoke(input, negative_slope);

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) =>
                (inplace ? EluInPlaceOp : EluOp).Invoke(x, alpha);

            public static Tensor gelu(Tensor x) => GeluOp.Invoke(x);

            public static Tensor gelu(Tensor x, bool inplace) => (inplace ? GeluInPlaceOp : GeluOp).Invoke(x);

            public static Tensor gelu(Tensor x, GELU.Approximate approximate, bool inplace = false) =>
                (inplace ? GeluInPlaceOp : GeluOp).Invoke(
                    x,
                    approximate == Modules.GELU.Approximate.tanh ? "tanh" : "none"
                );

            public static Tensor sigmoid(Tensor x) => SigmoidOp.Invoke(x);

            public static Tensor sigmoid(Tensor x, bool inplace) => (inplace ? SigmoidInPlaceOp : SigmoidOp).Invoke(x);

            public static Tensor tanh(Tensor x, bool inplace = false) => (inplace ? TanhInPlaceOp : TanhOp).Invoke(x);

            public static Tensor silu(Tensor x, bool inplace = false) => (inplace ? SiluInPlaceOp : SiluOp).Invoke(x);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) =>
                SoftmaxOp.Invoke(input, dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => LogSoftmaxOp.Invoke(x, dim);

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) =>
                SoftplusOp.Invoke(x, beta, threshold);

            public static Tensor logsigmoid(Tensor x) => LogSigmoidOp.Invoke(x);

            public static Tensor glu(Tensor input, long dim = -1) => GluOp.Invoke(input, dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                (inplace ? DropoutInPlaceOp : DropoutOp).Invoke(input, p, training);

            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                (inplace ? FeatureDropoutInPlaceOp : FeatureDropoutOp).Invoke(input, p, training);
        }
    }
}
