using Microsoft.Win32.SafeHandles;

namespace TransferLearning.Tabular;

/// <summary>Where the records of a CSV file in UTF-8 begin.</summary>
internal static class CsvIndex
{
    private enum Place
    {
        /// <summary>In a line that has spaces alone so far.</summary>
        Blank,
        CellStart,
        Cell,
        Quotes,

        /// <summary>Behind a quote within quotes: it ends them, or both it and the next are one quote.</summary>
        QuoteInQuotes,
    }

    /// <summary>
    /// The offset of every record, and last the file's end, as the reader of records has them: a line break within
    /// quotes is part of a record, quotes begin where a cell does, and lines of spaces alone are no records.
    /// </summary>
    public static List<long> Of(SafeFileHandle file, char delimiter, CancellationToken cancellationToken)
    {
        var starts = new List<long>();
        var buffer = new byte[1 << 20];
        long at = 0;
        long? line = null;
        var place = Place.Blank;
        for (int read; (read = RandomAccess.Read(file, buffer, at)) > 0; at += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = at == 0 && buffer.AsSpan(0, read).StartsWith("\uFEFF"u8) ? 3 : 0;
            for (var i = from; i < read; i++)
            {
                var letter = buffer[i];
                if (place != Place.Quotes && (letter is (byte)'\n' or (byte)'\r'))
                {
                    (place, line) = (Place.Blank, null);
                    continue;
                }
                if (place == Place.Blank)
                {
                    line ??= at + i;
                    if (letter == ' ')
                    {
                        continue;
                    }
                    starts.Add(line.Value);
                    place = line == at + i ? Place.CellStart : Place.Cell;
                }
                place = (place, letter) switch
                {
                    (Place.Quotes, (byte)'"') => Place.QuoteInQuotes,
                    (Place.Quotes, _) => Place.Quotes,
                    (Place.QuoteInQuotes or Place.CellStart, (byte)'"') => Place.Quotes,
                    _ => letter == delimiter ? Place.CellStart : Place.Cell,
                };
            }
        }
        starts.Add(at);
        return starts;
    }
}
