using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator LinearOp = new("aten::linear");
            private static readonly Operator Conv1dOp = new("aten::conv1d");
            private static readonly Operator Conv1dPaddingOp = new("aten::conv1d", "padding");
            private static readonly Operator Conv2dOp = new("aten::conv2d");
            private static readonly Operator Conv2dPaddingOp = new("aten::conv2d", "padding");
            private static readonly Operator ConvTranspose2dOp = new("aten::conv_transpose2d", "input");
            private static readonly Operator UnfoldOp = new("aten::im2col");

            private static readonly long[] TwoOnes = [1, 1];
            private static readonly long[] TwoZeros = [0, 0];

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                LinearOp.Invoke(input, weights, bias);

            public static Tensor conv1d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                long groups = 1
            ) =>
                Conv1dOp.Invoke(
                    input,
                    weight,
                    bias,
                    new[] { stride ?? 1 },
                    new[] { padding ?? 0 },
                    new[] { dilation ?? 1 },
                    groups
                );

            public static Tensor conv1d_padding(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long? stride = null,
                Padding padding = Padding.Valid,
                long? dilation = null,
                long groups = 1
            ) =>
                Conv1dPaddingOp.Invoke(
                    input,
                    weight,
                    bias,
                    new[] { stride ?? 1 },
                    Named(padding),
                    new[] { dilation ?? 1 },
                    groups
                );

            public static Tensor conv2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                long groups = 1
            ) =>
                Conv2dOp.Invoke(
                    input,
                    weight,
                    bias,
                    strides ?? TwoOnes,
                    padding ?? TwoZeros,
                    dilation ?? TwoOnes,
                    groups
                );

            public static Tensor conv2d_padding(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                Padding padding = Padding.Valid,
                long[]? dilation = null,
                long groups = 1
            ) =>
                Conv2dPaddingOp.Invoke(
                    input,
                    weight,
                    bias,
                    strides ?? TwoOnes,
                    Named(padding),
                    dilation ?? TwoOnes,
                    groups
                );

            public static Tensor conv_transpose2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? output_padding = null,
                long[]? dilation = null,
                long groups = 1
            ) =>
                ConvTranspose2dOp.Invoke(
                    input,
                    weight,
                    bias,
                    strides ?? TwoOnes,
                    padding ?? TwoZeros,
                    output_padding ?? TwoZeros,
                    groups,
                    dilation ?? TwoOnes
                );

            public static Tensor unfold(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? dilation = null,
                (long, long)? padding = null,
                (long, long)? stride = null
            ) =>
                UnfoldOp.Invoke(
                    input,
                    Pair(kernel_size),
                    Pair(dilation ?? (1, 1)),
                    Pair(padding ?? (0, 0)),
                    Pair(stride ?? (1, 1))
                );

            private static string Named(Padding padding) => padding == Padding.Same ? "same" : "valid";

            internal static long[] Pair((long, long) sizes) => [sizes.Item1, sizes.Item2];
        }
    }
}
