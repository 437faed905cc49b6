using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Gradient clipping, and parameters as one vector.</summary>
        public static partial class utils
        {
            private static readonly Operator NormsOp = new("aten::_foreach_norm", "Scalar");
            private static readonly Operator ScaleOp = new("aten::_foreach_mul_", "Scalar");
            private static readonly Operator NormOp = new("aten::norm", "Scalar");
            private static readonly Operator LargestOp = new("aten::max");
            private static readonly Operator ClampOp = new("aten::clamp_");
            private static readonly Operator CopyOp = new("aten::copy_");

            /// <summary>Scales the gradients so that their joint norm is at most <paramref name="max_norm"/>; returns the norm before.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var withoutGradient = no_grad();
                using var scope = NewDisposeScope();
                var gradients = Gradients(tensors);
                if (gradients.Length == 0)
                {
                    return 0;
                }
                Tensor norm;
                if (double.IsPositiveInfinity(norm_type))
                {
                    norm = LargestOp.Invoke(stack(gradients.Select(gradient => LargestOp.Invoke(gradient.abs()))));
                }
                else
                {
                    norm = NormOp.Invoke(stack(NormsOp.InvokeList(gradients, norm_type)), norm_type);
                }
                var total = norm.to(ScalarType.Float64).item<double>();
                var share = max_norm / (total + 1e-6);
                if (share < 1)
                {
                    ScaleOp.InvokeVoid(gradients, share);
                }
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var withoutGradient = no_grad();
                using var scope = NewDisposeScope();
                foreach (var gradient in Gradients(tensors))
                {
                    ClampOp.InvokeVoid(gradient, -clip_value, clip_value);
                }
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(parameter => parameter.reshape(-1)).ToArray()).MoveToOuterDisposeScope();
            }

            /// <summary>Copies the vector's slices into the parameters, in their order.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var withoutGradient = no_grad();
                using var scope = NewDisposeScope();
                var start = 0L;
                foreach (var parameter in tensors)
                {
                    var count = parameter.numel();
                    CopyOp.InvokeVoid(parameter, vec.narrow(0, start, count).reshape(parameter.shape));
                    start += count;
                }
            }

            private static Tensor[] Gradients(IEnumerable<Parameter> parameters) =>
                parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToArray();
        }
    }
}
