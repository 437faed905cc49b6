namespace Evaluate.Tables;

/// <summary>Several labeled sources and a target without labels.</summary>
internal static class SourcesSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new(
            "several-sources",
            "Several sources, on research data",
            data => [SeveralSources.Pacs(data), SeveralSources.Office(data)]
        );
}
