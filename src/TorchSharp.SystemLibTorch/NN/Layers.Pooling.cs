#nullable disable // TorchSharp declares these without nullable annotations.
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static MaxPool1d MaxPool1d(
            long kernel_size,
            long? stride = null,
            long? padding = null,
            long? dilation = null,
            bool ceil_mode = false
        ) => new(kernel_size, stride, padding, dilation, ceil_mode);

        public static MaxPool2d MaxPool2d(
            long kernel_size,
            long? stride = null,
            long? padding = null,
            long? dilation = null,
            bool ceil_mode = false
        ) =>
            new(
                functional.Both(kernel_size),
                functional.Both(stride),
                functional.Both(padding),
                functional.Both(dilation),
                ceil_mode
            );

        public static MaxPool2d MaxPool2d(
            (long, long) kernel_size,
            (long, long)? stride = null,
            (long, long)? padding = null,
            (long, long)? dilation = null,
            bool ceil_mode = false
        ) =>
            new(
                functional.Pair(kernel_size),
                functional.PairOf(stride),
                functional.PairOf(padding),
                functional.PairOf(dilation),
                ceil_mode
            );

        public static AvgPool2d AvgPool2d(
            long kernel_size,
            long? stride = null,
            long? padding = null,
            bool ceil_mode = false,
            bool count_include_pad = true,
            long? divisor_override = null
        ) =>
            new(
                functional.Both(kernel_size),
                functional.Both(stride),
                functional.Both(padding),
                ceil_mode,
                count_include_pad,
                divisor_override
            );

        public static AvgPool2d AvgPool2d(
            (long, long) kernel_size,
            (long, long)? stride = null,
            (long, long)? padding = null,
            bool ceil_mode = false,
            bool count_include_pad = true,
            long? divisor_override = null
        ) =>
            new(
                functional.Pair(kernel_size),
                functional.PairOf(stride),
                functional.PairOf(padding),
                ceil_mode,
                count_include_pad,
                divisor_override
            );

        public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) output_size) =>
            new(functional.Pair(output_size));
    }
}
