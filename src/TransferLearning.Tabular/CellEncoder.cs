using System.Globalization;

namespace TransferLearning.Tabular;

/// <summary>Writes the features of one column's cells.</summary>
internal sealed class CellEncoder(FeatureColumn column, UnknownCategories unknown)
{
    private readonly Dictionary<string, int>? places = column
        .Categories?.Index()
        .ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);

    public void Write(TableColumn cells, int row, float[,] rows, int at)
    {
        if (places is null)
        {
            rows[row, at] = (float)Number(cells, row);
        }
        else if (Place(cells.Category(row), cells.RowNumber(row)) is { } place)
        {
            rows[row, at + place] = 1;
        }
    }

    private double Number(TableColumn cells, int row)
    {
        // A column without any value reads as one of numbers, or, from elsewhere, as one of texts.
        if (!cells.IsNumeric && cells.Texts[row] is not null)
        {
            throw NoNumber(cells, row);
        }
        var number = cells.IsNumeric ? cells.Numbers[row] : double.NaN;
        var value = double.IsNaN(number) ? column.Fill ?? throw Missing(cells.RowNumber(row)) : number;
        return float.IsFinite((float)value)
            ? value
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the column '{column.Name}' is {value} in row {cells.RowNumber(row)}, beyond the largest "
                        + $"float32, 3.4E38: clean it."
                )
            );
    }

    private int? Place(string? category, long row)
    {
        if (category is null)
        {
            return column.HasMissing ? column.Categories!.Count : throw Missing(row);
        }
        if (places!.TryGetValue(category, out var place))
        {
            return place;
        }
        return unknown == UnknownCategories.Zeros
            ? null
            : throw new ArgumentException(
                $"the column '{column.Name}' is '{category}' in row {row}, which the encoder was not fitted on: "
                    + "fit it on "
                    + "the tables of all domains, or set Unknown to Zeros."
            );
    }

    // The first text from a row on that is no number is what made a column of texts.
    private ArgumentException NoNumber(TableColumn cells, int row)
    {
        var texts = Enumerable.Range(row, cells.Count - row).Where(i => cells.Texts[i] is not null);
        var first = texts.FirstOrDefault(i => !Cell.TryNumber(cells.Texts[i], out _), row);
        return new ArgumentException(
            $"the column '{column.Name}' must hold numbers, as in the fit; row {cells.RowNumber(first)} holds "
                + $"'{cells.Texts[first]}'."
        );
    }

    private ArgumentException Missing(long row) =>
        new(
            $"the column '{column.Name}' is missing in row {row}, and nothing fills it: set Missing and fit the "
                + "encoder again (one of an earlier version may lack a category for it), or leave such rows out."
        );
}
