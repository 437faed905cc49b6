using TorchSharp;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// A convolutional network that judges images patch by patch: the module of an <see cref="IPatchCritic"/>.
/// </summary>
/// <remarks>
/// 4x4 convolutions of stride 2, the first to w maps and each further one to twice as many, at most 8 w, one of stride
/// 1, and one to a single channel, with leaky rectifiers (slope 0.2) and instance normalization but in the first and
/// the last (Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks"; Zhu et al. 2017).
/// An output sees patches of 70 pixels with 3 layers, 34 with 2, 16 with 1. Weights begin with a standard deviation of
/// 0.02, as in the authors' program.
/// </remarks>
public sealed class PatchCritic : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Sequential body;
    private readonly long channels;
    private readonly int layers;

    /// <summary>Makes a critic.</summary>
    /// <param name="channels">The images' channels.</param>
    /// <param name="width">The maps w of the first layer. Default 64, the authors'.</param>
    /// <param name="layers">
    /// The convolutions of stride 2, at least 1. Default 3, the authors'; fewer see smaller patches.
    /// </param>
    public PatchCritic(long channels, long width = 64, int layers = 3)
        : base(nameof(PatchCritic))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        (this.channels, this.layers) = (channels, layers);
        var all = new List<nn.Module<Tensor, Tensor>>
        {
            nn.Conv2d(channels, width, 4L, stride: 2L, padding: 1L),
            nn.LeakyReLU(0.2),
        };
        var maps = width;
        for (var i = 1; i <= layers; i++)
        {
            var next = width * Math.Min(1L << i, 8);
            all.AddRange([
                nn.Conv2d(maps, next, 4L, stride: i < layers ? 2L : 1L, padding: 1L),
                nn.InstanceNorm2d(next),
                nn.LeakyReLU(0.2),
            ]);
            maps = next;
        }
        all.Add(nn.Conv2d(maps, 1, 4L, padding: 1L));
        body = nn.Sequential(all);
        Begin(body);
        RegisterComponents();
    }

    /// <summary>Judges images.</summary>
    /// <param name="input">Images <c>[n, channels, height, width]</c>.</param>
    /// <returns>One logit a patch, <c>[n, 1, h, w]</c>; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">They are no such images, or too small for that many layers.</exception>
    public override Tensor forward(Tensor input)
    {
        Guard.Alive(input);
        if (input.dim() != 4 || !input.is_floating_point() || input.shape[1] != channels)
        {
            throw new ArgumentException(
                $"input must be images [n, {channels}, height, width] of a floating dtype; got {Shape.Of(input)}.",
                nameof(input)
            );
        }
        var least = 3L << layers;
        if (Math.Min(input.shape[2], input.shape[3]) < least)
        {
            throw new ArgumentException(
                $"input must have sides of at least {least} for a critic of {layers} layer(s); got "
                    + $"{Shape.Of(input)}. Take fewer layers.",
                nameof(input)
            );
        }
        return body.call(input);
    }

    /// <summary>Draws the weights of all convolutions, standard deviation 0.02, and clears their biases.</summary>
    internal static void Begin(nn.Module module)
    {
        foreach (var convolution in module.modules().OfType<TorchSharp.Modules.Convolution>())
        {
            _ = nn.init.normal_(convolution.weight, 0, 0.02);
            _ = nn.init.zeros_(convolution.bias!);
        }
    }
}
