using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The transpose of a convolution over [n, c, h, w].</summary>
public sealed class ConvTranspose2d : ConvolutionTranspose
{
    internal ConvTranspose2d(
        long in_channels,
        long out_channels,
        long[] kernel_size,
        long[] stride,
        long[] padding,
        long[] output_padding,
        long[] dilation,
        PaddingModes padding_mode,
        long groups,
        bool bias,
        Device? device,
        ScalarType? dtype
    )
        : base(
            nameof(ConvTranspose2d),
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype
        ) { }

    public override Tensor forward(Tensor input, long[]? output_size) =>
        nn.functional.conv_transpose2d(
            input,
            weight,
            bias,
            stride,
            padding,
            ExtraBorder(input, output_size),
            dilation,
            groups
        );
}
