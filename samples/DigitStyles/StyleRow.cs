namespace DigitStyles;

/// <summary>A row of pictures.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Images">Gray pixels of each, 28 rows of 28 bytes.</param>
internal sealed record StyleRow(string Title, IReadOnlyList<byte[]> Images);
