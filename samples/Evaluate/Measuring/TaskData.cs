using TransferLearning;

namespace Evaluate.Measuring;

/// <summary>The domains of one task.</summary>
/// <param name="Source">The labeled source.</param>
/// <param name="Target">The target; methods see its rows only.</param>
/// <param name="Few">
/// A few labeled target rows where the task gives them away, not among <paramref name="Target"/>; else null.
/// </param>
public record TaskData(LabeledDomain Source, LabeledDomain Target, LabeledDomain? Few = null)
{
    /// <summary>All labeled sources, where the task has several; <see cref="Source"/> is the first.</summary>
    public IReadOnlyList<LabeledDomain> Sources { get; init; } = [Source];

    /// <summary>
    /// What a difference of 1 in the labels is in the table: networks learn values of a spread near 1 best.
    /// </summary>
    public double Unit { get; init; } = 1;

    /// <summary>The rows that methods are judged on: the target's, unless others were set aside.</summary>
    public LabeledDomain Judged { get; init; } = Target;
}
