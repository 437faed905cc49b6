using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator BatchNormOp = new("aten::batch_norm");
            private static readonly Operator InstanceNormOp = new("aten::instance_norm");
            private static readonly Operator LayerNormOp = new("aten::layer_norm");
            private static readonly Operator GroupNormOp = new("aten::group_norm");
            private static readonly Operator NormOp = new("aten::norm", "ScalarOpt_dim");
            private static readonly Operator ClampMinOp = new("aten::clamp_min");
            private static readonly Operator DivideOp = new("aten::div", "Tensor");

            public static Tensor batch_norm(
                Tensor input,
                Tensor? running_mean,
                Tensor? running_var,
                Tensor? weight = null,
                Tensor? bias = null,
                bool training = false,
                double momentum = 0.1,
                double eps = 1E-05
            ) => BatchNormOp.Invoke(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static Tensor instance_norm(
                Tensor input,
                Tensor? running_mean = null,
                Tensor? running_var = null,
                Tensor? weight = null,
                Tensor? bias = null,
                bool use_input_stats = true,
                double momentum = 0.1,
                double eps = 1E-05
            ) =>
                InstanceNormOp.Invoke(
                    input,
                    weight,
                    bias,
                    running_mean,
                    running_var,
                    use_input_stats,
                    momentum,
                    eps,
                    true
                );

            public static Tensor layer_norm(
                Tensor input,
                long[] normalized_shape,
                Tensor? weight = null,
                Tensor? bias = null,
                double eps = 1E-05
            ) => LayerNormOp.Invoke(input, normalized_shape, weight, bias, eps);

            public static Tensor group_norm(
                Tensor input,
                long num_groups,
                Tensor? weight = null,
                Tensor? bias = null,
                double eps = 1E-05
            ) => GroupNormOp.Invoke(input, num_groups, weight, bias, eps);

            /// <summary>input / max(||input||_p, eps), the norm taken along a dimension.</summary>
            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1E-12)
            {
                using var norm = NormOp.Invoke(input, p, new[] { dim }, true);
                using var divisor = ClampMinOp.Invoke(norm, eps);
                return DivideOp.Invoke(input, divisor);
            }
        }
    }
}
