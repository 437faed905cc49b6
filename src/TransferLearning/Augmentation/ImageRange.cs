using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>What black and white are in images, for each channel or for all alike.</summary>
public sealed class ImageRange
{
    private ImageRange(IReadOnlyList<double> black, IReadOnlyList<double> white) => (Black, White) = (black, white);

    /// <summary>The values of black: one for each channel, or one for all.</summary>
    public IReadOnlyList<double> Black { get; }

    /// <summary>The values of white, likewise.</summary>
    public IReadOnlyList<double> White { get; }

    /// <summary>The same for all channels.</summary>
    /// <param name="black">The value of black.</param>
    /// <param name="white">The value of white, another.</param>
    public static ImageRange Between(double black, double white) =>
        double.IsFinite(black) && double.IsFinite(white) && black != white
            ? new ImageRange([black], [white])
            : throw new ArgumentException(
                $"black and white must be two different finite numbers; got {InvariantText.Of([black, white])}.",
                nameof(white)
            );

    /// <summary>
    /// Images from 0 to 1 of which each channel's mean was taken away and which were divided by its standard deviation.
    /// </summary>
    /// <param name="means">The mean that was taken away, for each channel.</param>
    /// <param name="deviations">The deviation that was divided by, for each channel, positive.</param>
    public static ImageRange Normalized(IReadOnlyList<double> means, IReadOnlyList<double> deviations)
    {
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(deviations);
        if (means.Count == 0 || means.Count != deviations.Count)
        {
            throw new ArgumentException(
                $"means and deviations must be one a channel each; got {means.Count} and {deviations.Count}.",
                nameof(deviations)
            );
        }
        if (!means.All(double.IsFinite) || !deviations.All(it => double.IsFinite(it) && it > 0))
        {
            throw new ArgumentException(
                $"means must be finite and deviations positive; got {InvariantText.Of(means)} and "
                    + $"{InvariantText.Of(deviations)}.",
                nameof(deviations)
            );
        }
        return new ImageRange(
            [.. means.Zip(deviations, (mean, deviation) => -mean / deviation)],
            [.. means.Zip(deviations, (mean, deviation) => (1 - mean) / deviation)]
        );
    }

    internal void Check(Tensor inputs)
    {
        if (Black.Count != 1 && Black.Count != inputs.shape[1])
        {
            throw new ArgumentException(
                $"inputs have {inputs.shape[1]} channels, the range is of {Black.Count}: give black and white for each "
                    + "channel, or one for all.",
                nameof(inputs)
            );
        }
    }
}
