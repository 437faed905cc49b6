using System.Globalization;
using TorchSharp;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>Images to images of the same shape: convolutions down, residual blocks, convolutions up.</summary>
/// <remarks>
/// A 7x7 convolution to w maps, convolutions of stride 2 that double the maps, residual blocks of two 3x3 convolutions,
/// transposed convolutions that halve the maps, and a 7x7 convolution that ends in <c>tanh</c>, with instance
/// normalization and padding by reflection (Zhu et al. 2017, appendix 7.2, after Johnson et al. 2016). Weights begin
/// with a standard deviation of 0.02, as in the authors' program. Without convolutions of stride 2 it is a refiner as
/// Shrivastava et al. (2017) describe it.
/// </remarks>
public sealed class ResidualGenerator : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Sequential body;
    private readonly long channels;
    private readonly long divisor;

    /// <summary>Makes a generator.</summary>
    /// <param name="channels">The images' channels.</param>
    /// <param name="width">The maps w of the first layer. Default 64, the authors'.</param>
    /// <param name="blocks">The residual blocks. Default 6, the authors' for small images.</param>
    /// <param name="halvings">
    /// The convolutions of stride 2; sides must be divisible by 2 to the power of it. Default 2, the authors'.
    /// </param>
    /// <param name="black">The least value of a pixel. Default -1.</param>
    /// <param name="white">The largest value of a pixel. Default 1.</param>
    public ResidualGenerator(
        long channels,
        long width = 64,
        int blocks = 6,
        int halvings = 2,
        double black = -1,
        double white = 1
    )
        : base(nameof(ResidualGenerator))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(blocks);
        ArgumentOutOfRangeException.ThrowIfNegative(halvings);
        Guard.Finite(black);
        Guard.Finite(white);
        if (!(white > black))
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"white must be above black; got {black} and {white}."),
                nameof(white)
            );
        }
        (this.channels, divisor, Black, White) = (channels, 1L << halvings, black, white);
        var layers = new List<nn.Module<Tensor, Tensor>>();
        void Normalized(nn.Module<Tensor, Tensor> convolution, long maps) =>
            layers.AddRange([convolution, nn.InstanceNorm2d(maps), nn.ReLU()]);
        layers.Add(nn.ReflectionPad2d(3));
        Normalized(nn.Conv2d(channels, width, 7L), width);
        var maps = width;
        for (var i = 0; i < halvings; i++, maps *= 2)
        {
            Normalized(nn.Conv2d(maps, 2 * maps, 3L, stride: 2L, padding: 1L), 2 * maps);
        }
        for (var i = 0; i < blocks; i++)
        {
            layers.Add(new Residual(maps));
        }
        for (var i = 0; i < halvings; i++, maps /= 2)
        {
            Normalized(nn.ConvTranspose2d(maps, maps / 2, 3L, stride: 2L, padding: 1L, output_padding: 1L), maps / 2);
        }
        layers.AddRange([nn.ReflectionPad2d(3), nn.Conv2d(width, channels, 7L), nn.Tanh()]);
        body = nn.Sequential(layers);
        PatchCritic.Begin(body);
        RegisterComponents();
    }

    /// <summary>The least value of a pixel.</summary>
    public double Black { get; }

    /// <summary>The largest value of a pixel.</summary>
    public double White { get; }

    /// <summary>Translates images.</summary>
    /// <param name="input">
    /// Images <c>[n, channels, height, width]</c> with pixels from <see cref="Black"/> to <see cref="White"/>.
    /// </param>
    /// <returns>Images of the same shape and range; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">They are no such images, or of sides that cannot be restored.</exception>
    public override Tensor forward(Tensor input)
    {
        Check(input);
        using var scope = NewDisposeScope();
        var (middle, half) = ((White + Black) / 2, (White - Black) / 2);
        var isScaled = middle == 0 && half == 1;
        var made = body.call(isScaled ? input : (input - middle) * (1 / half));
        return (isScaled ? made : (made * half) + middle).MoveToOuterDisposeScope();
    }

    private void Check(Tensor input)
    {
        Guard.Alive(input);
        if (input.dim() != 4 || !input.is_floating_point() || input.shape[1] != channels)
        {
            throw new ArgumentException(
                $"input must be images [n, {channels}, height, width] of a floating dtype; got {Shape.Of(input)}.",
                nameof(input)
            );
        }
        var (height, width) = (input.shape[2], input.shape[3]);
        if (height % divisor != 0 || width % divisor != 0 || Math.Min(height, width) < Math.Max(4, 2 * divisor))
        {
            throw new ArgumentException(
                $"input must have sides of at least {Math.Max(4, 2 * divisor)} that {divisor} divides, or the "
                    + $"generator cannot restore them; got {Shape.Of(input)}. Pad the images, or take fewer halvings.",
                nameof(input)
            );
        }
    }

    // The identity plus two convolutions.
    private sealed class Residual : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Sequential block;

        public Residual(long maps)
            : base(nameof(Residual))
        {
            block = nn.Sequential(
                nn.ReflectionPad2d(1),
                nn.Conv2d(maps, maps, 3L),
                nn.InstanceNorm2d(maps),
                nn.ReLU(),
                nn.ReflectionPad2d(1),
                nn.Conv2d(maps, maps, 3L),
                nn.InstanceNorm2d(maps)
            );
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input + block.call(input)).MoveToOuterDisposeScope();
        }
    }
}
