namespace Evaluate.Measuring;

/// <summary>How one objective went in one fit.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Objective">The objective's name; behind the number of its training where a fit has several.</param>
/// <param name="Values">Its means over equal parts of the training, before weighting, in their order.</param>
public sealed record ObjectiveCurve(
    string Table,
    string Task,
    string Method,
    int Seed,
    string Objective,
    IReadOnlyList<double> Values
);
