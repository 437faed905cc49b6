namespace Evaluate.Tables;

/// <summary>Classes of which no row is labeled.</summary>
internal static class ZeroShotSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new(
            "zero-shot",
            "Zero-shot learning, on made and on research data",
            data => [AnimalAttributes.Unseen(data), AnimalAttributes.Either(data), NamedClasses.Table(data)]
        );
}
