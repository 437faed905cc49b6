using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>How one feature differs between the domains.</summary>
/// <param name="Feature">The feature's number, from 0.</param>
/// <param name="TotalVariation">The total variation of its two histograms, from 0 to 1.</param>
/// <param name="MeanDifference">
/// The target's mean less the source's, in standard deviations (the root of the mean of both variances); 0 where the
/// feature does not vary.
/// </param>
public readonly record struct FeatureShift(int Feature, double TotalVariation, double MeanDifference)
{
    /// <summary>The feature in a few words.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"feature {Feature}: total variation {TotalVariation:F2}, mean {MeanDifference:+0.00;-0.00;0.00} sd"
        );
}
