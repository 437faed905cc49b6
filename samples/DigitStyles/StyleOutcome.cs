namespace DigitStyles;

/// <summary>What a run gave.</summary>
/// <param name="Alone">The share of target digits that the reader of the source alone reads.</param>
/// <param name="Translated">The share that the reader of translated digits reads.</param>
/// <param name="Rows">Pictures of both domains before and after translation.</param>
internal sealed record StyleOutcome(double Alone, double Translated, IReadOnlyList<StyleRow> Rows);
