using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>
/// Newsgroups as in Dai 2007: two top categories to tell apart, the source and the target being other groups of both.
/// </summary>
internal static class Newsgroups
{
    // Numbers of the groups in alphabetical order: the source's of both classes, then the target's.
    private static readonly (
        string Name,
        long[] SourceFirst,
        long[] SourceSecond,
        long[] First,
        long[] Second
    )[] Splits =
    [
        ("rec-talk", [7, 8], [16, 18], [9, 10], [17, 19]),
        ("rec-sci", [7, 9], [13, 14], [8, 10], [11, 12]),
        ("sci-talk", [12, 13], [18, 19], [11, 14], [16, 17]),
    ];

    /// <summary>
    /// The tasks, documents as unit rows of counts times <c>ln(documents / documents with the word)</c> over the words
    /// in most documents; the caller's scope owns them.
    /// </summary>
    public static IReadOnlyList<(string Name, LabeledDomain Source, LabeledDomain Target)> Tasks(string path, int words)
    {
        long[] Column(string name) => NumpyBytes.Read(path, name).data<long>().ToArray();
        var (counts, columns, starts, groups) = (Column("data"), Column("indices"), Column("indptr"), Column("y"));
        float[] Row(int document)
        {
            var row = new float[8000];
            for (var i = starts[document]; i < starts[document + 1]; i++)
            {
                row[columns[i]] = counts[i];
            }
            return row;
        }
        int[] Of(long[] wanted) => [.. Enumerable.Range(0, groups.Length).Where(i => wanted.Contains(groups[i]))];
        return
        [
            .. Splits.Select(split =>
            {
                int[][] parts = [Of(split.SourceFirst), Of(split.SourceSecond), Of(split.First), Of(split.Second)];
                using var scope = NewDisposeScope();
                var all = tensor(parts.SelectMany(part => part).SelectMany(Row).ToArray()).reshape(-1, 8000);
                var documents = all.gt(0).to(float32).sum(dim: 0);
                var most = documents.topk(words, 0).indexes;
                var weighted = all.index_select(1, most) * (all.shape[0] / documents.index_select(0, most)).log();
                var rows = weighted / weighted.square().sum(1, keepdim: true).sqrt().clamp_min(1e-9);
                LabeledDomain Domain(int start, int first, int second) =>
                    new(
                        rows.narrow(0, start, first + second).clone().MoveToOuterDisposeScope(),
                        cat([zeros(first, int64), ones(second, int64)]).MoveToOuterDisposeScope()
                    );
                var ofSource = parts[0].Length + parts[1].Length;
                return (
                    split.Name,
                    Domain(0, parts[0].Length, parts[1].Length),
                    Domain(ofSource, parts[2].Length, parts[3].Length)
                );
            }),
        ];
    }
}
