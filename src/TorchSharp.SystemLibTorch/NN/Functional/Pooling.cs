#nullable disable // TorchSharp declares these without nullable annotations.
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator MaxPool1dOp = new("aten::max_pool1d");
            private static readonly Operator MaxPool2dOp = new("aten::max_pool2d");
            private static readonly Operator AvgPool2dOp = new("aten::avg_pool2d");
            private static readonly Operator AdaptiveAvgPool2dOp = new("aten::adaptive_avg_pool2d");

            private static readonly long[] SameAsKernel = [];

            public static Tensor max_pool1d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                bool ceil_mode = false
            ) =>
                MaxPool1dOp.Invoke(
                    input,
                    new[] { kernel_size },
                    new[] { stride ?? kernel_size },
                    new[] { padding ?? 0 },
                    new[] { dilation ?? 1 },
                    ceil_mode
                );

            public static Tensor max_pool2d(
                Tensor input,
                long[] kernel_size,
                long[] strides = null,
                long[] padding = null,
                long[] dilation = null,
                bool ceil_mode = false
            ) =>
                MaxPool2dOp.Invoke(
                    input,
                    kernel_size,
                    strides ?? SameAsKernel,
                    padding ?? TwoZeros,
                    dilation ?? TwoOnes,
                    ceil_mode
                );

            public static Tensor max_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                bool ceil_mode = false
            ) => max_pool2d(input, Both(kernel_size), Both(stride), Both(padding), Both(dilation), ceil_mode);

            public static Tensor max_pool2d(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                (long, long)? dilation = null,
                bool ceil_mode = false
            ) => max_pool2d(input, Pair(kernel_size), PairOf(stride), PairOf(padding), PairOf(dilation), ceil_mode);

            public static Tensor avg_pool2d(
                Tensor input,
                long[] kernel_size,
                long[] stride = null,
                long[] padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null
            ) =>
                AvgPool2dOp.Invoke(
                    input,
                    kernel_size,
                    stride ?? SameAsKernel,
                    padding ?? TwoZeros,
                    ceil_mode,
                    count_include_pad,
                    divisor_override
                );

            public static Tensor avg_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long padding = 0,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null
            ) =>
                avg_pool2d(
                    input,
                    Both(kernel_size),
                    Both(stride),
                    Both(padding),
                    ceil_mode,
                    count_include_pad,
                    divisor_override
                );

            public static Tensor avg_pool2d(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null
            ) =>
                avg_pool2d(
                    input,
                    Pair(kernel_size),
                    PairOf(stride),
                    PairOf(padding),
                    ceil_mode,
                    count_include_pad,
                    divisor_override
                );

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) =>
                AdaptiveAvgPool2dOp.Invoke(input, output_size);

            internal static long[] Both(long? size) => size is { } both ? [both, both] : null;

            internal static long[] PairOf((long, long)? sizes) => sizes is { } pair ? Pair(pair) : null;
        }
    }
}
