using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>The outcome of a <see cref="MaximumMeanDiscrepancyTest"/>.</summary>
/// <param name="Statistic">The biased estimate of the squared mean discrepancy, not negative.</param>
/// <param name="PValue">
/// The probability of a statistic as large where both samples come from one distribution, from
/// <c>1 / (Permutations + 1)</c> to 1.
/// </param>
/// <param name="Permutations">How many permutations it rests on.</param>
public readonly record struct MeanDiscrepancyResult(double Statistic, double PValue, int Permutations)
{
    /// <summary>The result in a line.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"MMD^2 {Statistic:G4}, p = {PValue:G3} by {Permutations} permutations"
        );
}
