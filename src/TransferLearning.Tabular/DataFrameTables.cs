using System.Globalization;
using Microsoft.Data.Analysis;

namespace TransferLearning.Tabular;

/// <summary>Tables from data frames.</summary>
internal static class DataFrameTables
{
    public static Table Read(DataFrame frame) => new([.. frame.Columns.Select(ColumnOf)]);

    private static TableColumn ColumnOf(DataFrameColumn column)
    {
        var rows = Enumerable.Range(0, checked((int)column.Length));
        return column.IsNumericColumn() || column.DataType == typeof(bool)
            ? TableColumn.Of(column.Name, [.. rows.Select(row => (IConvertible?)column[row])])
            : new TableColumn(column.Name, [.. rows.Select(row => Text(column[row]))]);
    }

    private static string? Text(object? value) =>
        value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
}
