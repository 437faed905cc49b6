namespace Evaluate.Measuring;

/// <summary>A table: methods down, tasks across.</summary>
/// <param name="Name">What the command line and the CSV file call it.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Protocol">
/// How the figures come about: data, scaling, learner, where settings come from, whose published figures.
/// </param>
/// <param name="Measure">What is counted.</param>
/// <param name="Tasks">The columns.</param>
/// <param name="Methods">The rows; the first one is what the others are held against.</param>
public sealed record EvaluationTable(
    string Name,
    string Title,
    string Protocol,
    Measure Measure,
    IReadOnlyList<EvaluationTask> Tasks,
    IReadOnlyList<EvaluationMethod> Methods
)
{
    /// <summary>How often each cell is measured, with the seeds 1, 2, ... Default 1.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>
    /// The row without adaptation that the page holds the others against, cell by cell; null where there is none.
    /// </summary>
    public string? Baseline { get; init; }

    /// <summary>Whether the course of every objective is kept, for the pictures of a report. Default false.</summary>
    public bool HasCurves { get; init; }
}
