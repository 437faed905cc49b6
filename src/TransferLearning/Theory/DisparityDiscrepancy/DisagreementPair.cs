using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>How often two hypotheses disagree in each domain.</summary>
/// <param name="First">The number of the first hypothesis, from 0.</param>
/// <param name="Second">The number of the second.</param>
/// <param name="OnSource">The share of source rows that they read differently, <c>e_S(h, h')</c>.</param>
/// <param name="OnTarget">The share of target rows that they read differently, <c>e_T(h, h')</c>.</param>
public readonly record struct DisagreementPair(int First, int Second, Estimate OnSource, Estimate OnTarget)
{
    /// <summary>
    /// <c>|e_S(h, h') - e_T(h, h')|</c> from 0 to 1 with Newcombe's interval; its lower end is 0 where the sign of the
    /// difference is not told.
    /// </summary>
    public Estimate Gap
    {
        get
        {
            var signed = OnTarget.Value >= OnSource.Value ? OnTarget.Minus(OnSource) : OnSource.Minus(OnTarget);
            return signed.Within(0, 1);
        }
    }

    /// <summary>The pair in a few words.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"hypotheses {First} and {Second}: {OnSource.Value:F3} of the source, {OnTarget.Value:F3} of the target, "
        ) + $"apart by {Gap}";
}
