using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>How the rows of one class differ between the domains.</summary>
/// <param name="Class">The class.</param>
/// <param name="SourceShare">Its share of the source's labels.</param>
/// <param name="BlackBoxShare">
/// Its estimated share of the target by the classifier's confusion (BBSE); NaN where that cannot be inverted.
/// </param>
/// <param name="LikelihoodShare">Its estimated share of the target by expectation maximization (MLLS).</param>
/// <param name="SourceRows">Source rows that were compared: held-out rows that are read as the class.</param>
/// <param name="TargetRows">Target rows that were compared: those that are read as the class.</param>
/// <param name="PValue">
/// The p-value of the kernel two-sample test of these rows; NaN where one domain has fewer than 4.
/// </param>
public readonly record struct ClassShift(
    int Class,
    double SourceShare,
    double BlackBoxShare,
    double LikelihoodShare,
    long SourceRows,
    long TargetRows,
    double PValue
)
{
    /// <summary>The class in a few words.</summary>
    public override string ToString()
    {
        var rows = double.IsNaN(PValue) ? "too few rows to compare" : $"two-sample test p = {Text(PValue, "G2")}";
        return $"class {Class}: share {Text(SourceShare, "F2")} of the source, of the target "
            + $"{Text(BlackBoxShare, "F2")} (BBSE) and {Text(LikelihoodShare, "F2")} (MLLS); {rows}";
    }

    private static string Text(double number, string format) =>
        double.IsNaN(number) ? "unknown" : number.ToString(format, CultureInfo.InvariantCulture);
}
