using Evaluate.Measuring;

namespace Evaluate;

/// <summary>Tables that are measured together and make one page.</summary>
/// <param name="Name">What the command line and the files call it.</param>
/// <param name="Title">The page's heading.</param>
/// <param name="Tables">The tables, over the data sets in a folder.</param>
public sealed record Suite(string Name, string Title, Func<string, IReadOnlyList<EvaluationTable>> Tables);
