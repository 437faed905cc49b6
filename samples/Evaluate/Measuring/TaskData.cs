using TransferLearning;

namespace Evaluate.Measuring;

/// <summary>The domains of one task.</summary>
/// <param name="Source">The labelled source.</param>
/// <param name="Target">The target; methods see its rows only.</param>
/// <param name="Few">A few labelled target rows where the task gives them away, not among <paramref name="Target"/>; else null.</param>
public sealed record TaskData(LabelledDomain Source, LabelledDomain Target, LabelledDomain? Few = null)
{
    /// <summary>The rows that methods are judged on: the target's, unless others were set aside.</summary>
    public LabelledDomain Judged { get; init; } = Target;
}
