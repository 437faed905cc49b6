namespace TransferLearning.Evaluation;

/// <summary>How well one of several labels was predicted.</summary>
/// <param name="Precision">Of the rows that were given the label, the share that has it; 0 where none was.</param>
/// <param name="Recall">Of the rows that have the label, the share that was given it; 0 where none has it.</param>
/// <param name="F1">The harmonic mean of both, <c>2 P R / (P + R)</c>; 0 where both are.</param>
/// <param name="AveragePrecision">
/// The mean, over the rows that have the label, of the share of such rows among all with at least their score: a
/// figure of the ranking that hangs on no threshold. NaN where no row has the label.
/// </param>
/// <param name="Support">How many rows have the label.</param>
public readonly record struct LabelMetrics(
    double Precision,
    double Recall,
    double F1,
    double AveragePrecision,
    long Support
);
