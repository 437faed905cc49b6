using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator PadOp = new("aten::pad");
            private static readonly Operator GridSamplerOp = new("aten::grid_sampler");
            private static readonly Operator AffineGridOp = new("aten::affine_grid_generator");
            private static readonly Operator AdaptiveAvgPool1dOp = new("aten::adaptive_avg_pool1d");
            private static readonly Operator AdaptiveAvgPool3dOp = new("aten::adaptive_avg_pool3d");
            private static readonly Operator Nearest1dOp = new("aten::upsample_nearest1d", "vec");
            private static readonly Operator Nearest2dOp = new("aten::upsample_nearest2d", "vec");
            private static readonly Operator Nearest3dOp = new("aten::upsample_nearest3d", "vec");
            private static readonly Operator NearestExact1dOp = new("aten::_upsample_nearest_exact1d", "vec");
            private static readonly Operator NearestExact2dOp = new("aten::_upsample_nearest_exact2d", "vec");
            private static readonly Operator NearestExact3dOp = new("aten::_upsample_nearest_exact3d", "vec");
            private static readonly Operator Linear1dOp = new("aten::upsample_linear1d", "vec");
            private static readonly Operator Bilinear2dOp = new("aten::upsample_bilinear2d", "vec");
            private static readonly Operator BilinearAntialias2dOp = new("aten::_upsample_bilinear2d_aa", "vec");
            private static readonly Operator Bicubic2dOp = new("aten::upsample_bicubic2d", "vec");
            private static readonly Operator BicubicAntialias2dOp = new("aten::_upsample_bicubic2d_aa", "vec");
            private static readonly Operator Trilinear3dOp = new("aten::upsample_trilinear3d", "vec");

            public static Tensor pad(
                Tensor input,
                long[] pad,
                PaddingModes mode = PaddingModes.Constant,
                double value = 0
            ) =>
                mode switch
                {
                    PaddingModes.Reflect => PadOp.Invoke(input, pad, "reflect"),
                    PaddingModes.Replicate => PadOp.Invoke(input, pad, "replicate"),
                    PaddingModes.Circular => PadOp.Invoke(input, pad, "circular"),
                    _ => PadOp.Invoke(input, pad, "constant", value),
                };

            public static Tensor pad(
                Tensor input,
                ReadOnlySpan<long> pad,
                PaddingModes mode = PaddingModes.Constant,
                double value = 0
            ) => functional.pad(input, pad.ToArray(), mode, value);

            public static Tensor pad(
                Tensor input,
                (long, long) pad,
                PaddingModes mode = PaddingModes.Constant,
                double value = 0
            ) => functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(
                Tensor input,
                (long, long, long, long) pad,
                PaddingModes mode = PaddingModes.Constant,
                double value = 0
            ) => functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            public static Tensor grid_sample(
                Tensor input,
                Tensor grid,
                GridSampleMode mode = GridSampleMode.Bilinear,
                GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros,
                bool? align_corners = null
            )
            {
                // libtorch numbers the modes otherwise than TorchSharp does.
                var interpolation = mode == GridSampleMode.Nearest ? 1L : 0L;
                var outside = padding_mode switch
                {
                    GridSamplePaddingMode.Border => 1L,
                    GridSamplePaddingMode.Reflection => 2L,
                    _ => 0L,
                };
                return GridSamplerOp.Invoke(input, grid, interpolation, outside, align_corners ?? false);
            }

            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) =>
                AffineGridOp.Invoke(
                    theta,
                    size ?? throw new ArgumentNullException(nameof(size), "Give the output's shape [n, c, h, w]."),
                    align_corners
                );

            public static Tensor interpolate(
                Tensor x,
                long[]? size = null,
                double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null,
                bool recompute_scale_factor = false,
                bool antialias = false
            )
            {
                if (size is null == scale_factor is null)
                {
                    throw new ArgumentException("Give either the size or the scale factor, not both.", nameof(size));
                }
                var spatial = (int)x.ndim - 2;
                if (scale_factor is { Length: 1 } && spatial > 1)
                {
                    scale_factor = Enumerable.Repeat(scale_factor[0], spatial).ToArray();
                }
                if (size is { Length: 1 } && spatial > 1)
                {
                    size = Enumerable.Repeat(size[0], spatial).ToArray();
                }
                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                {
                    size = scale_factor
                        .Select((factor, dimension) => (long)Math.Floor(x.shape[dimension + 2] * factor))
                        .ToArray();
                    scale_factor = null;
                }
                Argument target = size;
                Argument factors = scale_factor;
                var corners = align_corners ?? false;
                return (mode, spatial, antialias) switch
                {
                    (InterpolationMode.Nearest, 1, false) => Nearest1dOp.Invoke(x, target, factors),
                    (InterpolationMode.Nearest, 2, false) => Nearest2dOp.Invoke(x, target, factors),
                    (InterpolationMode.Nearest, 3, false) => Nearest3dOp.Invoke(x, target, factors),
                    (InterpolationMode.NearestExact, 1, false) => NearestExact1dOp.Invoke(x, target, factors),
                    (InterpolationMode.NearestExact, 2, false) => NearestExact2dOp.Invoke(x, target, factors),
                    (InterpolationMode.NearestExact, 3, false) => NearestExact3dOp.Invoke(x, target, factors),
                    (InterpolationMode.Linear, 1, false) => Linear1dOp.Invoke(x, target, corners, factors),
                    (InterpolationMode.Bilinear, 2, false) => Bilinear2dOp.Invoke(x, target, corners, factors),
                    (InterpolationMode.Bilinear, 2, true) => BilinearAntialias2dOp.Invoke(x, target, corners, factors),
                    (InterpolationMode.Bicubic, 2, false) => Bicubic2dOp.Invoke(x, target, corners, factors),
                    (InterpolationMode.Bicubic, 2, true) => BicubicAntialias2dOp.Invoke(x, target, corners, factors),
                    (InterpolationMode.Trilinear, 3, false) => Trilinear3dOp.Invoke(x, target, corners, factors),
                    (InterpolationMode.Area, 1, false) => AdaptiveAvgPool1dOp.Invoke(x, target),
                    (InterpolationMode.Area, 2, false) => AdaptiveAvgPool2dOp.Invoke(x, target),
                    (InterpolationMode.Area, 3, false) => AdaptiveAvgPool3dOp.Invoke(x, target),
                    _ => throw new ArgumentException(
                        $"Cannot interpolate a tensor of {x.ndim} dimensions by {mode}{(antialias ? " with antialiasing" : string.Empty)}.",
                        nameof(mode)
                    ),
                };
            }
        }
    }
}
