namespace Evaluate.Measuring;

/// <summary>One measurement.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Value">The measure; NaN where the method failed.</param>
/// <param name="Rows">How many rows it was judged on.</param>
/// <param name="Seconds">How long the fit took.</param>
/// <param name="Fault">Why the method failed, or empty.</param>
/// <param name="Warning">What the run warned of first, or empty.</param>
public sealed record Outcome(
    string Table,
    string Task,
    string Method,
    int Seed,
    double Value,
    long Rows,
    double Seconds,
    string Fault,
    string Warning
)
{
    /// <summary>Whether the method gave a result.</summary>
    public bool IsMeasured => Fault.Length == 0;
}
