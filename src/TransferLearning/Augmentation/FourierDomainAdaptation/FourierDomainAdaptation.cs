using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// Fourier domain adaptation (FDA): source images take the low frequencies' amplitudes of a target image, and keep
/// their phases.
/// </summary>
/// <remarks>
/// Each image of a source gets a partner, drawn from the step's target batch. Of the two-dimensional Fourier transform
/// F of each channel the amplitudes at frequencies of at most <c>b = floor(Share min(height, width))</c> along both
/// axes become the partner's: color and light of the target, contents of the source (Yang and Soatto 2020, "FDA:
/// Fourier Domain Adaptation for Semantic Segmentation", equation 3, and the authors' demonstration; their training
/// takes the frequencies from -b to b - 1, none for a b of 0). Labels and weights stay, and so does the labeled target
/// batch. It has no parameters and learns nothing.
/// </remarks>
public sealed record FourierDomainAdaptation : IBatchTransform
{
    /// <summary>
    /// The frequencies that are swapped, as a share of the shorter side, from 0 to 0.5. Default 0.01, the authors';
    /// with 0 or tiny images it is the mean of each channel alone.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 0.5)]
    public double Share { get; init; } = 0.01;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.Target();

    /// <inheritdoc />
    public StepBatch Apply(StepBatch batch, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Guard.Options(this);
        var number = 0;
        var target = batch.Target?.Inputs ?? throw new ArgumentException("has no target rows.", nameof(batch));
        LabeledBatch Swapped(LabeledBatch source)
        {
            using var scope = NewDisposeScope();
            var partners = RowDraws.Whole(target, key.Child(number++), target.shape[0], source.Inputs.shape[0]);
            var images = Of(source.Inputs, target.index_select(0, partners), Share);
            return source.With(images.MoveToOuterDisposeScope(), source.Labels);
        }
        return new StepBatch([.. batch.Sources.Select(Swapped)], batch.Target, batch.LabeledTarget);
    }

    /// <summary>Images with the low frequencies' amplitudes of others.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="partners">The others, of the same shape.</param>
    /// <param name="share">The frequencies that are swapped, as a share of the shorter side, from 0 to 0.5.</param>
    /// <returns>
    /// The images, of the same shape and dtype; they may leave the range of the pixels a little. The caller disposes
    /// them.
    /// </returns>
    public static Tensor Of(Tensor images, Tensor partners, double share = 0.01)
    {
        ImageChecks.Images(images);
        ImageChecks.Images(partners);
        if (!(share >= 0 && share <= 0.5))
        {
            throw new ArgumentOutOfRangeException(
                nameof(share),
                share,
                string.Create(CultureInfo.InvariantCulture, $"share must be from 0 to 0.5; got {share}.")
            );
        }
        if (!partners.shape.SequenceEqual(images.shape))
        {
            throw new ArgumentException(
                $"partners must be shaped as the images {Shape.Text(images.shape)}; got {Shape.Of(partners)}.",
                nameof(partners)
            );
        }
        using var scope = NewDisposeScope();
        var (height, width) = (images.shape[2], images.shape[3]);
        var most = (long)Math.Floor(Math.Min(height, width) * share);
        // What libtorch has no Fourier transform for goes the way through float32.
        var type = images.dtype is ScalarType.Float64 ? float64 : float32;
        var own = fft.rfft2(images.to(type));
        var other = fft.rfft2(partners.to(type));
        var rows = arange(height, device: images.device);
        var isRow = rows.le(most).logical_or(rows.ge(height - most)).unsqueeze(1);
        var isColumn = arange(own.shape[3], device: images.device).le(most).unsqueeze(0);
        var amplitudes = where(isRow.logical_and(isColumn), other.abs(), own.abs());
        var swapped = fft.irfft2(polar(amplitudes, own.angle()), [height, width]);
        return swapped.to(images.dtype).MoveToOuterDisposeScope();
    }
}
