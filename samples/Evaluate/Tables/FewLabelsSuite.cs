namespace Evaluate.Tables;

/// <summary>Few labeled target rows, and classes of which few rows are labeled.</summary>
internal static class FewLabelsSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new(
            "few-labels",
            "Few labels in the target, and uneven classes, on research data",
            data => [PacsFewLabels.Table(data), PacsUnevenClasses.Table(data)]
        );
}
