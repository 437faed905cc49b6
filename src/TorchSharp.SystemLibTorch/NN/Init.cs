#nullable disable // TorchSharp declares these without nullable annotations.
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial values, drawn in place and without gradients; they return the tensor given.</summary>
        public static partial class init
        {
            private static readonly Operator UniformOp = new("aten::uniform_");
            private static readonly Operator NormalOp = new("aten::normal_");
            private static readonly Operator FillOp = new("aten::fill_", "Scalar");
            private static readonly Operator ErfInvOp = new("aten::erfinv_");
            private static readonly Operator MulOp = new("aten::mul_", "Scalar");
            private static readonly Operator AddOp = new("aten::add_", "Scalar");
            private static readonly Operator ClampOp = new("aten::clamp_");
            private static readonly Operator CopyOp = new("aten::copy_");

            /// <summary>Which side's fan keeps its variance.</summary>
            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            /// <summary>The function that follows the weights.</summary>
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) =>
                nonlinearity switch
                {
                    NonlinearityType.Tanh => 5.0 / 3.0,
                    NonlinearityType.ReLU => Math.Sqrt(2.0),
                    NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + (param * param))),
                    _ => 1,
                };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                {
                    throw new ArgumentException(
                        $"Fan in and fan out can not be computed for tensor with fewer than 2 dimensions; got {shape.Length}.",
                        nameof(tensor)
                    );
                }
                var receptiveField = 1L;
                foreach (var size in shape.AsSpan(2))
                {
                    receptiveField *= size;
                }
                return (shape[1] * receptiveField, shape[0] * receptiveField);
            }

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator generator = null)
            {
                using var withoutGradient = no_grad();
                UniformOp.InvokeVoid(tensor, low, high, generator);
                return tensor;
            }

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator generator = null)
            {
                using var withoutGradient = no_grad();
                NormalOp.InvokeVoid(tensor, mean, std, generator);
                return tensor;
            }

            /// <summary>The normal distribution cut to [a, b], by the inverse of its distribution function.</summary>
            public static Tensor trunc_normal_(
                Tensor tensor,
                double mean = 0,
                double std = 1,
                double a = -2,
                double b = 2,
                Generator generator = null
            )
            {
                using var withoutGradient = no_grad();
                var (lower, upper) = (NormalDistribution((a - mean) / std), NormalDistribution((b - mean) / std));
                UniformOp.InvokeVoid(tensor, (2 * lower) - 1, (2 * upper) - 1, generator);
                ErfInvOp.InvokeVoid(tensor);
                MulOp.InvokeVoid(tensor, (std * Math.Sqrt(2.0)));
                AddOp.InvokeVoid(tensor, mean);
                ClampOp.InvokeVoid(tensor, a, b);
                return tensor;

                static double NormalDistribution(double x)
                {
                    using var argument = torch.tensor(x / Math.Sqrt(2.0), ScalarType.Float64);
                    using var erf = argument.erf();
                    return (1.0 + erf.item<double>()) / 2.0;
                }
            }

            public static Tensor zeros_(Tensor tensor) => Fill(tensor, 0);

            public static Tensor ones_(Tensor tensor) => Fill(tensor, 1);

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                var bound = Math.Sqrt(3.0) * gain * Math.Sqrt(2.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            public static Tensor kaiming_uniform_(
                Tensor tensor,
                double a = 0,
                FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU
            )
            {
                var bound = Math.Sqrt(3.0) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(
                Tensor tensor,
                double a = 0,
                FanInOut mode = FanInOut.FanIn,
                NonlinearityType nonlinearity = NonlinearityType.LeakyReLU
            ) => normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            /// <summary>A (semi-)orthogonal matrix of the tensor's rows, by the QR decomposition of a normal one with the signs of R's diagonal.</summary>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1)
            {
                using var withoutGradient = no_grad();
                using var scope = NewDisposeScope();
                if (tensor.ndim < 2)
                {
                    throw new ArgumentException(
                        "Only tensors with 2 or more dimensions are supported.",
                        nameof(tensor)
                    );
                }
                var rows = tensor.shape[0];
                var columns = tensor.numel() / rows;
                var flattened = empty([rows, columns], tensor.dtype, tensor.device);
                NormalOp.InvokeVoid(flattened, 0.0, 1.0);
                var (q, r) = linalg.qr(rows < columns ? flattened.t() : flattened);
                q = q.mul(r.diag().sign());
                CopyOp.InvokeVoid(tensor, (rows < columns ? q.t() : q).reshape(tensor.shape));
                MulOp.InvokeVoid(tensor, gain);
                return tensor;
            }

            internal static Tensor Fill(Tensor tensor, long value)
            {
                using var withoutGradient = no_grad();
                FillOp.InvokeVoid(tensor, value);
                return tensor;
            }

            /// <summary>PyTorch's start of linear and convolutional layers: both uniform within 1 / sqrt(fan in), the weight first.</summary>
            internal static void LikePyTorch(Tensor weight, Tensor bias)
            {
                kaiming_uniform_(weight, Math.Sqrt(5.0));
                if (bias is null)
                {
                    return;
                }
                var (fanIn, _) = CalculateFanInAndFanOut(weight);
                var bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
                uniform_(bias, -bound, bound);
            }

            internal static void OnesAndZeros(Tensor weight, Tensor bias)
            {
                if (weight is not null)
                {
                    ones_(weight);
                }
                if (bias is not null)
                {
                    zeros_(bias);
                }
            }

            private static double KaimingDeviation(
                Tensor tensor,
                double a,
                FanInOut mode,
                NonlinearityType nonlinearity
            )
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }
        }
    }
}
