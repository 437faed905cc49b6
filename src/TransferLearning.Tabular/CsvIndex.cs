using Microsoft.Win32.SafeHandles;

namespace TransferLearning.Tabular;

/// <summary>Where the records of a CSV file in UTF-8 begin.</summary>
internal static class CsvIndex
{
    /// <summary>
    /// The offset of every record, and last the file's end. A line break within quotes is part of a record; lines
    /// without a character are none.
    /// </summary>
    public static List<long> Of(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var starts = new List<long>();
        var buffer = new byte[1 << 20];
        long at = 0;
        var isQuoted = false;
        var isOpen = false;
        for (int read; (read = RandomAccess.Read(file, buffer, at)) > 0; at += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = at == 0 && buffer.AsSpan(0, read).StartsWith("\uFEFF"u8) ? 3 : 0;
            for (var i = from; i < read; i++)
            {
                var letter = buffer[i];
                if (!isOpen && letter is not ((byte)'\n' or (byte)'\r'))
                {
                    isOpen = true;
                    starts.Add(at + i);
                }
                // A doubled quote within quotes ends and begins them: the same in the end.
                isQuoted ^= letter == '"';
                isOpen &= isQuoted || letter != '\n';
            }
        }
        starts.Add(at);
        return starts;
    }
}
