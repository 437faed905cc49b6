using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The transpose of a convolution.</summary>
public abstract class ConvolutionTranspose : Convolution
{
    private protected ConvolutionTranspose(
        string name,
        long in_channels,
        long out_channels,
        long[] kernel_size,
        long[] stride,
        long[] padding,
        long[] dilation,
        long[] output_padding,
        long groups,
        bool bias,
        PaddingModes padding_mode,
        Device? device,
        ScalarType? dtype
    )
        : base(
            name,
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            null,
            dilation,
            transposed: true,
            output_padding,
            groups,
            bias,
            padding_mode == PaddingModes.Zeros
                ? padding_mode
                : throw new ArgumentException(
                    "Only zero padding is supported by a transposed convolution.",
                    nameof(padding_mode)
                ),
            device,
            dtype
        ) { }

    public override Tensor forward(Tensor input) => forward(input, null);

    /// <summary>The transpose whose output has this height and width, where the stride leaves it open.</summary>
    public abstract Tensor forward(Tensor input, long[]? output_size);

    private protected long[] ExtraBorder(Tensor input, long[]? size)
    {
        if (size is null)
        {
            return output_padding;
        }
        var spatial = kernel_size.Length;
        if (size.Length != spatial)
        {
            throw new ArgumentException(
                $"Give the last {spatial} sizes of the output; got {size.Length}.",
                nameof(size)
            );
        }
        var extra = new long[spatial];
        for (var dimension = 0; dimension < spatial; dimension++)
        {
            var smallest =
                ((input.shape[^(spatial - dimension)] - 1) * stride[dimension])
                - (2 * padding![dimension])
                + (dilation[dimension] * (kernel_size[dimension] - 1))
                + 1;
            extra[dimension] = size[dimension] - smallest;
            if (extra[dimension] < 0 || extra[dimension] >= stride[dimension])
            {
                throw new ArgumentException(
                    $"The output's size {size[dimension]} must lie in [{smallest}, {smallest + stride[dimension] - 1}].",
                    nameof(size)
                );
            }
        }
        return extra;
    }
}
