namespace TransferLearning.Tabular;

/// <summary>How an encoder is learned from tables.</summary>
internal static class EncoderFit
{
    public static TableEncoder Of(TableEncoding encoding, IReadOnlyList<Table> tables)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(encoding.MaxCategories, 2);
        if (tables.Count == 0 || tables.All(table => table.Count == 0))
        {
            throw new ArgumentException(
                "an encoder is fitted on at least one table with rows; got none.",
                nameof(tables)
            );
        }
        if (encoding.Label is not null && encoding.Label == encoding.Weight)
        {
            throw new ArgumentException(
                $"the column '{encoding.Label}' cannot be both label and weight; name another one.",
                nameof(encoding)
            );
        }
        var features = FeatureNames(encoding, tables);
        return new TableEncoder(
            [.. features.Select(name => Learn(encoding, name, tables))],
            encoding.Label,
            LabelsOf(encoding, tables),
            encoding.Weight,
            encoding.Unknown
        );
    }

    private static List<string> FeatureNames(TableEncoding encoding, IReadOnlyList<Table> tables)
    {
        string[] others = [.. new[] { encoding.Label, encoding.Weight }.OfType<string>(), .. encoding.Ignore];
        foreach (var name in others.Concat(encoding.Categories).Where(name => !tables.Any(table => table.Has(name))))
        {
            throw new ArgumentException($"no table has a column '{name}', which the encoding names; {tables[0]}.");
        }
        var features = tables[0].Columns.Select(column => column.Name).Except(others, StringComparer.Ordinal).ToList();
        for (var i = 1; i < tables.Count; i++)
        {
            var found = tables[i].Columns.Select(column => column.Name).Except(others, StringComparer.Ordinal).ToList();
            var lacking = features.Except(found, StringComparer.Ordinal).ToList();
            var added = found.Except(features, StringComparer.Ordinal).ToList();
            if (lacking.Count + added.Count > 0)
            {
                throw new ArgumentException(
                    $"all tables need the same feature columns; table {i} lacks [{string.Join(", ", lacking)}] and has "
                        + $"[{string.Join(", ", added)}] besides. Name in Ignore what is no feature."
                );
            }
        }
        return features.Count > 0
            ? features
            : throw new ArgumentException("no column is left as a feature: take some out of Ignore.", nameof(encoding));
    }

    private static FeatureColumn Learn(TableEncoding encoding, string name, IReadOnlyList<Table> tables)
    {
        TableColumn[] columns = [.. tables.Select(table => table[name])];
        foreach (var (column, number) in columns.Select((column, number) => (column, number)))
        {
            if (encoding.Missing == MissingValues.Refuse && column.MissingCount > 0)
            {
                throw new ArgumentException(
                    $"the column '{name}' of table {number} has {column.MissingCount} missing cell(s), the first "
                        + "in row "
                        + $"{FirstMissing(column)}. Set Missing to fill them, name the column in Ignore, or leave such "
                        + "rows out."
                );
            }
        }
        // A column all of whose cells are missing reads as numbers and says nothing of its kind.
        var telling = columns.Where(column => column.MissingCount < column.Count).ToList();
        if (telling.Count == 0)
        {
            throw new ArgumentException($"the column '{name}' has no value in any table: name it in Ignore.");
        }
        var isCategory = encoding.Categories.Contains(name, StringComparer.Ordinal);
        if (!isCategory && telling.Select(column => column.IsNumeric).Distinct().Count() > 1)
        {
            throw new ArgumentException(
                $"the column '{name}' holds numbers in one table and texts in another: name it in Categories, or clean "
                    + "the cells that are no numbers."
            );
        }
        return isCategory || !telling[0].IsNumeric
            ? Categories(encoding, name, columns)
            : new FeatureColumn(name, Fill(encoding.Missing, telling));
    }

    private static FeatureColumn Categories(TableEncoding encoding, string name, TableColumn[] columns)
    {
        var found = Distinct(columns);
        return found.Count <= encoding.MaxCategories
            ? new FeatureColumn(name, Categories: found, HasMissing: encoding.Missing != MissingValues.Refuse)
            : throw new ArgumentException(
                $"the column '{name}' has {found.Count} categories, above MaxCategories = "
                    + $"{encoding.MaxCategories}: name "
                    + "it in Ignore where it is an identifier, or raise MaxCategories."
            );
    }

    private static double? Fill(MissingValues missing, IEnumerable<TableColumn> columns)
    {
        double[] numbers =
        [
            .. columns.SelectMany(column => column.Numbers).Where(number => !double.IsNaN(number)).Order(),
        ];
        return missing switch
        {
            MissingValues.Mean => numbers.Average(),
            MissingValues.Median => (numbers[(numbers.Length - 1) / 2] + numbers[numbers.Length / 2]) / 2,
            _ => null,
        };
    }

    private static LabelSpace? LabelsOf(TableEncoding encoding, IReadOnlyList<Table> tables)
    {
        if (encoding.Label is not { } label)
        {
            return null;
        }
        TableColumn[] columns = [.. tables.Where(table => table.Has(label)).Select(table => table[label])];
        var isClass =
            encoding.LabelIsClass
            ?? (
                encoding.Categories.Contains(label, StringComparer.Ordinal) || columns.Any(column => !column.IsNumeric)
            );
        if (!isClass && columns.Any(column => !column.IsNumeric))
        {
            throw new ArgumentException(
                $"the label '{label}' holds texts, but LabelIsClass is false: values must be numbers."
            );
        }
        if (!isClass)
        {
            return LabelSpace.Values(1);
        }
        var names = Distinct(columns);
        return names.Count > 0
            ? LabelSpace.Classes(names)
            : throw new ArgumentException($"the label '{label}' has no value in any table.");
    }

    // By number where all are numbers, so that class 2 comes before class 10; by text where 01 stands beside 1.
    private static List<string> Distinct(IEnumerable<TableColumn> columns)
    {
        var found = columns
            .SelectMany(column => Enumerable.Range(0, column.Count).Select(column.Category))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return found.TrueForAll(text => Cell.TryNumber(text, out _))
            ?
            [
                .. found
                    .OrderBy(text => Cell.TryNumber(text, out var number) ? number : 0)
                    .ThenBy(text => text, StringComparer.Ordinal),
            ]
            : [.. found.Order(StringComparer.Ordinal)];
    }

    private static int FirstMissing(TableColumn column) =>
        Enumerable.Range(0, column.Count).First(row => column.Category(row) is null);
}
