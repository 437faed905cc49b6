namespace Evaluate.Measuring;

/// <summary>One column of a table.</summary>
/// <param name="Name">Its heading, "C to A" for instance.</param>
/// <param name="Load">Reads the domains for a seed; where chance has no part, every seed gives the same.</param>
public sealed record EvaluationTask(string Name, Func<int, TaskData> Load);
