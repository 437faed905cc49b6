using Evaluate.Measuring;
using Samples.Shared;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>
/// Reviews of books, DVDs and electronics, praising or not (Blitzer, Dredze and Pereira 2007): 2,000 rows to learn from
/// each, the rest to judge on.
/// </summary>
/// <param name="folder">The folder of the data sets.</param>
/// <param name="words">How many words are features: the most frequent ones of both domains' training rows.</param>
internal sealed class AmazonReviews(string folder, int words)
{
    /// <summary>The domains' names.</summary>
    public static IReadOnlyList<string> Domains { get; } = ["books", "dvd", "electronics"];

    /// <summary>One domain's reviews to another's.</summary>
    public TaskData Read(string source, string target)
    {
        using var archive = new NumpyArchive(Path.Combine(folder, "amazon_reviews", "amazon3_counts5000_csr.npz"));
        var (from, to, judged) = (
            Part(archive, source + "_train"),
            Part(archive, target + "_train"),
            Part(archive, target + "_test")
        );
        var chosen = CountMatrix.MostFrequent(from.Documents.Concat(to.Documents), words);
        return new TaskData(from.Domain(chosen), to.Domain(chosen)) { Judged = judged.Domain(chosen) };
    }

    private static Reviews Part(NumpyArchive archive, string name) =>
        new(
            new CountMatrix(
                archive.Read<byte>(name + "_data").Values,
                archive.Read<ushort>(name + "_indices").Values,
                archive.Read<int>(name + "_indptr").Values
            ),
            archive.Read<byte>(name + "_y").Values
        );

    private sealed record Reviews(CountMatrix Matrix, byte[] Labels)
    {
        public IEnumerable<(CountMatrix, int)> Documents => Labels.Select((_, row) => (Matrix, row));

        public LabeledDomain Domain(ushort[] words) =>
            new(
                Matrix.LogCounts([.. Enumerable.Range(0, Labels.Length)], words),
                tensor(Array.ConvertAll(Labels, label => (long)label)),
                space: LabelSpace.Classes(2)
            );
    }
}
