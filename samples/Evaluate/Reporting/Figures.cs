using System.Globalization;
using Evaluate.Measuring;

namespace Evaluate.Reporting;

/// <summary>Numbers as tables show them.</summary>
internal static class Figures
{
    /// <summary>A measure, or "failed".</summary>
    public static string Of(Measure measure, double value) => double.IsNaN(value) ? "failed" : Number(measure, value);

    /// <summary>The cells of a row; a star marks those whose fits warned.</summary>
    public static IEnumerable<string> Cells(RowSummary row) =>
        row.Cells.Zip(row.IsWarned, (cell, isWarned) => Of(row.Table.Measure, cell) + (isWarned ? "*" : ""));

    /// <summary>A mean with its margin.</summary>
    public static string WithMargin(RowSummary row)
    {
        var (measure, mean, margin) = (row.Table.Measure, row.Mean, row.Margin);
        return double.IsNaN(margin) ? Of(measure, mean) : $"{Of(measure, mean)} ± {Number(measure, margin)}";
    }

    /// <summary>What a measure is called.</summary>
    public static string Name(Measure measure) =>
        measure switch
        {
            Measure.Accuracy => "accuracy, %",
            Measure.Error => "error, %",
            Measure.HarmonicScore => "HOS, %",
            Measure.GeneralizedScore => "H of seen and unseen, %",
            Measure.MeanAbsolute => "mean absolute error",
            _ => "root mean squared error",
        };

    private static string Number(Measure measure, double value) =>
        value.ToString(
            measure is Measure.RootMeanSquare or Measure.MeanAbsolute ? "F2" : "F1",
            CultureInfo.InvariantCulture
        );
}
