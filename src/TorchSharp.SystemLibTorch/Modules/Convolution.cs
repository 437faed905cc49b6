using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What the convolutions share: shape, weight [out, in / groups, ...kernel] and bias [out].</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    /// <summary>What a padding other than zeros adds at each border, last dimension first, as <c>pad</c> takes it.</summary>
    private protected readonly long[] _border;

    [ComponentName(Name = nameof(weight))]
    private Parameter _weight;

    [ComponentName(Name = nameof(bias))]
    private Parameter? _bias;

    private protected Convolution(
        string name,
        long in_channels,
        long out_channels,
        long[] kernel_size,
        long[] stride,
        long[]? padding,
        Padding? padding_type,
        long[] dilation,
        bool transposed,
        long[] output_padding,
        long groups,
        bool bias,
        PaddingModes padding_mode,
        Device? device,
        ScalarType? dtype
    )
        : base(name)
    {
        if (in_channels % groups != 0 || out_channels % groups != 0)
        {
            throw new ArgumentException(
                $"in_channels ({in_channels}) and out_channels ({out_channels}) must be divisible by groups ({groups}).",
                nameof(groups)
            );
        }
        if (padding_type == Padding.Same && stride.Any(step => step != 1))
        {
            throw new ArgumentException("Padding 'same' needs a stride of 1.", nameof(stride));
        }
        this.in_channels = in_channels;
        this.out_channels = out_channels;
        this.kernel_size = kernel_size;
        this.stride = stride;
        this.padding = padding;
        this.padding_type = padding_type;
        this.dilation = dilation;
        this.transposed = transposed;
        this.output_padding = output_padding;
        this.groups = groups;
        this.padding_mode = padding_mode;
        _border = Border();
        long[] shape = transposed
            ? [in_channels, out_channels / groups, .. kernel_size]
            : [out_channels, in_channels / groups, .. kernel_size];
        _weight = new Parameter(empty(shape, dtype, device));
        _bias = bias ? new Parameter(empty([out_channels], dtype, device)) : null;
        reset_parameters();
        RegisterComponents();
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[]? padding { get; }

    public Padding? padding_type { get; }

    public long[] dilation { get; set; }

    public bool transposed { get; }

    public long[] output_padding { get; set; }

    public long groups { get; set; }

    public PaddingModes padding_mode { get; set; }

    public Parameter weight
    {
        get => _weight;
        set
        {
            _weight = value;
            ConditionallyRegisterParameter(nameof(weight), value);
        }
    }

    public Parameter? bias
    {
        get => _bias;
        set
        {
            _bias = value;
            ConditionallyRegisterParameter(nameof(bias), value);
        }
    }

    public void reset_parameters() => nn.init.LikePyTorch(_weight, _bias);

    private long[] Border()
    {
        var borders = new List<long>();
        for (var dimension = kernel_size.Length - 1; dimension >= 0; dimension--)
        {
            var total = padding_type switch
            {
                Padding.Same => dilation[dimension] * (kernel_size[dimension] - 1),
                Padding.Valid => 0,
                _ => 2 * padding![dimension],
            };
            borders.Add(total / 2);
            borders.Add(total - (total / 2));
        }
        return [.. borders];
    }
}
