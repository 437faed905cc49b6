using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// A learned view of images: each is turned, scaled, moved, and changed in brightness, contrast and color, within
/// bounds.
/// </summary>
/// <remarks>
/// <para>
/// With strengths t between -1 and 1: turned by <c>t_1 degrees</c> and scaled by <c>(1 + scale)^t_2</c> about the
/// center, moved by <c>t_3, t_4</c> times <c>shift</c> of width and height, by bilinear interpolation, through which
/// gradients reach the strengths (Jaderberg, Simonyan, Zisserman and Kavukcuoglu 2015, "Spatial Transformer Networks");
/// then <c>(x - m) (1 + contrast)^t_5 + m + t_6 brightness</c> with each image's mean m, and channel c times <c>(1 +
/// color)^t_(6 + c)</c>. What comes in from outside is 0. Pixels are not cut to a range, which would hold gradients
/// back.
/// </para>
/// <para>
/// Without a network <c>t = tanh(theta) u</c> with a trained theta for each strength and u even from -1 to 1 for each
/// image and strength. With a network <c>t = tanh(g(x))</c>, and nothing is drawn.
/// </para>
/// </remarks>
public sealed class LearnedImageView : ILearnedView, IDisposable
{
    private const int OfAllChannels = 6;

    private readonly ViewParameters parameters;
    private readonly long channels;
    private readonly double angle;
    private readonly double logScale;
    private readonly double shift;
    private readonly double brightness;
    private readonly double logContrast;
    private readonly double logColor;

    /// <summary>Makes a view.</summary>
    /// <param name="channels">The number of channels, at least 1.</param>
    /// <param name="degrees">The largest angle, from 0 to 180. Default 30.</param>
    /// <param name="scale">The largest share by which an image grows, not negative. Default 0.2.</param>
    /// <param name="shift">
    /// The largest share of width and height by which an image moves, not negative. Default 0.1.
    /// </param>
    /// <param name="brightness">What is added to pixels at most, not negative. Default 0.3.</param>
    /// <param name="contrast">The largest share by which contrast grows, not negative. Default 0.3.</param>
    /// <param name="color">The largest share by which a channel grows, not negative. Default 0.1.</param>
    /// <param name="network">
    /// Images to <c>[n, 6 + channels]</c> numbers, for strengths of each image's own; null for one rule for all. The
    /// view owns it.
    /// </param>
    public LearnedImageView(
        long channels,
        double degrees = 30,
        double scale = 0.2,
        double shift = 0.1,
        double brightness = 0.3,
        double contrast = 0.3,
        double color = 0.1,
        nn.Module<Tensor, Tensor>? network = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Guard.NotNegative(degrees);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(degrees, 180);
        Guard.NotNegative(scale);
        Guard.NotNegative(shift);
        Guard.NotNegative(brightness);
        Guard.NotNegative(contrast);
        Guard.NotNegative(color);
        (this.channels, angle, logScale) = (channels, degrees * Math.PI / 180, Math.Log(1 + scale));
        (this.shift, this.brightness) = (shift, brightness);
        (logContrast, logColor) = (Math.Log(1 + contrast), Math.Log(1 + color));
        parameters = new ViewParameters(OfAllChannels + channels, network);
    }

    /// <inheritdoc />
    public nn.Module Module => parameters;

    /// <inheritdoc />
    public Tensor Look(Tensor inputs, RandomKey key)
    {
        ImageChecks.Images(inputs);
        if (inputs.shape[1] != channels)
        {
            throw new ArgumentException(
                $"inputs must be images of {channels} channel(s); got {Shape.Of(inputs)}.",
                nameof(inputs)
            );
        }
        using var scope = NewDisposeScope();
        return Of(inputs, parameters.Strengths(inputs, key)).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the parameters, and the network where there is one.</summary>
    public void Dispose() => parameters.Dispose();

    /// <summary>The images by strengths <c>[n, 6 + channels]</c>. Opens no scope.</summary>
    internal Tensor Of(Tensor images, Tensor strengths)
    {
        Tensor Strength(int number) => strengths.select(1, number);
        var (turn, shrink) = (Strength(0) * angle, (Strength(1) * -logScale).exp());
        var (cosine, sine) = (turn.cos() * shrink, turn.sin() * shrink);
        var (right, down) = (Strength(2) * (shift * images.shape[3]), Strength(3) * (shift * images.shape[2]));
        // From the result back to the image: first the shift, then the turn.
        var moved = ImageWarp.Affine(
            images,
            fill: 0,
            isSmooth: true,
            a: cosine,
            b: -sine,
            c: (sine * down) - (cosine * right),
            d: sine,
            e: cosine,
            f: -((sine * right) + (cosine * down))
        );
        Tensor PerImage(Tensor numbers) => numbers.reshape(-1, 1, 1, 1);
        var mean = moved.mean([1L, 2, 3], keepdim: true);
        var shaded =
            ((moved - mean) * PerImage((Strength(4) * logContrast).exp())) + mean + PerImage(Strength(5) * brightness);
        var colors = (strengths.narrow(1, OfAllChannels, channels) * logColor).exp();
        return shaded * colors.reshape(-1, channels, 1, 1);
    }
}
