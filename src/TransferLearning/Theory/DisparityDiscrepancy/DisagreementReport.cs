using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>
/// Pairs of hypotheses against the searched distance, as a <see cref="DisparityDiscrepancy"/> found them.
/// </summary>
public sealed class DisagreementReport
{
    internal DisagreementReport() { }

    /// <summary>Every pair of hypotheses, in their order.</summary>
    public IReadOnlyList<DisagreementPair> Pairs { get; internal init; } = [];

    /// <summary>Half of the distance, as far as the search got, from 0 to 1. A lower estimate.</summary>
    public Estimate Searched { get; internal init; }

    /// <summary>The confidence of the searched distance, and of all pairs' differences together.</summary>
    public double Confidence { get; internal init; }

    /// <summary>The pair whose disagreements differ most between the domains.</summary>
    public DisagreementPair Largest => Pairs.MaxBy(pair => pair.Gap.Value);

    /// <summary>
    /// Half of the distance by the search or by the largest pair, whichever is more: the best lower estimate.
    /// </summary>
    public Estimate HalfDistance => Largest.Gap.Value > Searched.Value ? Largest.Gap : Searched;

    /// <summary>
    /// The pairs that differ by more than the search has found, their intervals not meeting: those that it missed.
    /// </summary>
    public IReadOnlyList<DisagreementPair> Missed => [.. Pairs.Where(pair => pair.Gap.Lower > Searched.Upper)];

    /// <summary>A line for the search, one for each pair, and what they say.</summary>
    public override string ToString() =>
        string.Join(
            '\n',
            [
                string.Create(CultureInfo.InvariantCulture, $"half of the distance, searched: {Searched}"),
                .. Pairs.Select(pair => pair.ToString()),
                Missed.Count == 0
                    ? "No pair is above what the search found, by more than the intervals."
                    : $"{Missed.Count} pair(s) above what the search found: it has missed them; half of the distance "
                        + $"is at least {HalfDistance}.",
            ]
        );
}
