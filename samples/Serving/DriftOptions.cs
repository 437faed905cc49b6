namespace Serving;

/// <summary>How the drift watch looks; <c>--Drift:Rows 400</c> sets one, or a section of the configuration.</summary>
internal sealed record DriftOptions
{
    /// <summary>What the numbers may be.</summary>
    public const string Limits =
        "Drift:Rows must be at least 20, Drift:Permutations at least 19, Drift:Alarm from 1 / (Permutations + 1), "
        + "below which no p-value lies, to below 1, and Drift:PauseSeconds not negative.";

    /// <summary>How many rows a look compares with the target's.</summary>
    public int Rows { get; init; } = 200;

    /// <summary>The permutations of the two-sample test.</summary>
    public int Permutations { get; init; } = 999;

    /// <summary>
    /// The p-value at and below which a look is an alarm: of servers whose rows do not change, one look in a thousand
    /// gives one.
    /// </summary>
    public double Alarm { get; init; } = 1e-3;

    /// <summary>Seconds from the end of a look to the first row of the next.</summary>
    public double PauseSeconds { get; init; } = 10;

    /// <summary>What is out of its limits, or null.</summary>
    public string? Fault =>
        Rows >= 20 && Permutations >= 19 && Alarm >= 1.0 / (Permutations + 1.0) && Alarm < 1 && PauseSeconds >= 0
            ? null
            : Limits;
}
