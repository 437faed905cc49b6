using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Shape, type and device: <c>[2x3], type = Float32, device = cpu</c>.</summary>
        public override string ToString() => ToString(TensorStringStyle.Metadata);

        public string ToString(
            bool disamb,
            string? fltFormat = null,
            int? width = null,
            CultureInfo? cultureInfo = null,
            string? newLine = null
        ) =>
            ToString(
                disamb ? TensorStringStyle.Default : TensorStringStyle.Metadata,
                fltFormat,
                width,
                cultureInfo,
                newLine
            );

        public string ToString(
            TensorStringStyle style,
            string? fltFormat = null,
            int? width = null,
            CultureInfo? cultureInfo = null,
            string? newLine = null
        )
        {
            var printer = new TensorPrinter(
                fltFormat ?? "g5",
                width ?? 100,
                cultureInfo ?? CultureInfo.CurrentCulture,
                newLine ?? Environment.NewLine
            );
            return (style == TensorStringStyle.Default ? torch.TensorStringStyle : style) switch
            {
                TensorStringStyle.Metadata => TensorPrinter.Metadata(this),
                TensorStringStyle.Numpy => printer.Nested(this),
                _ => printer.Table(this),
            };
        }
    }

    private static TensorStringStyle printStyle = TensorStringStyle.Julia;

    /// <summary>How tensors are written where <see cref="TensorStringStyle.Default"/> is asked for.</summary>
    public static TensorStringStyle TensorStringStyle
    {
        get => printStyle;
        set =>
            printStyle =
                value != TensorStringStyle.Default
                    ? value
                    : throw new ArgumentException("The style cannot be set to 'Default'");
    }

    public const TensorStringStyle julia = TensorStringStyle.Julia;
    public const TensorStringStyle numpy = TensorStringStyle.Numpy;
}
