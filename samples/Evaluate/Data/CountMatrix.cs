using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>
/// Word counts of documents in compressed rows: the words of row i stand at <c>starts[i] ... starts[i + 1] - 1</c>.
/// </summary>
/// <param name="Counts">How often each word stands in its document.</param>
/// <param name="Words">Which word it is.</param>
/// <param name="Starts">Where each document starts; one entry more than there are documents.</param>
internal sealed record CountMatrix(byte[] Counts, ushort[] Words, int[] Starts)
{
    /// <summary>The words that stand in the most of some documents, the most frequent first.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="count">How many words.</param>
    public static ushort[] MostFrequent(IEnumerable<(CountMatrix Matrix, int Row)> documents, int count)
    {
        var shares = new int[ushort.MaxValue + 1];
        foreach (var (matrix, row) in documents)
        {
            foreach (var word in matrix.Words.AsSpan(matrix.Starts[row]..matrix.Starts[row + 1]))
            {
                shares[word]++;
            }
        }

        return
        [
            .. Enumerable.Range(0, shares.Length).OrderByDescending(w => shares[w]).Take(count).Select(w => (ushort)w),
        ];
    }

    /// <summary>Rows <c>log(1 + count)</c> of unit length, over the given documents and words.</summary>
    public Tensor LogCounts(IReadOnlyList<int> documents, ushort[] words)
    {
        var columns = words
            .Select((word, column) => (word, column))
            .ToDictionary(pair => pair.word, pair => pair.column);
        var values = new double[documents.Count * words.Length];
        for (var i = 0; i < documents.Count; i++)
        {
            for (var at = Starts[documents[i]]; at < Starts[documents[i] + 1]; at++)
            {
                if (columns.TryGetValue(Words[at], out var column))
                {
                    values[(i * words.Length) + column] = Math.Log(1 + Counts[at]);
                }
            }
        }

        return DomainRows.OfUnitLength(tensor(values).reshape(documents.Count, words.Length));
    }
}
