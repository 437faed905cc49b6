namespace Evaluate.Tables;

/// <summary>Targets with classes that the source lacks, and without classes that it has.</summary>
internal static class OpenSetSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new(
            "other-classes",
            "Other classes in the target, on research data",
            data => [PacsClasses.Open(data), PacsClasses.Universal(data), PacsClasses.Partial(data)]
        );
}
