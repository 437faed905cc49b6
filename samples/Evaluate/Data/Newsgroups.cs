using Evaluate.Measuring;
using Samples.Shared;
using TransferLearning;
using static TorchSharp.torch;

namespace Evaluate.Data;

/// <summary>
/// Two top categories of 20 newsgroups told apart; source and target hold different groups of them, as Dai, Yang, Xue
/// and Yu 2007 split them.
/// </summary>
/// <param name="folder">The folder of the data sets.</param>
/// <param name="words">How many words are features: the most frequent ones of both domains.</param>
internal sealed class Newsgroups(string folder, int words)
{
    private static readonly Dictionary<string, (string[] Source, string[] Target)> Splits = new()
    {
        ["rec-talk"] = (
            ["rec.autos", "rec.motorcycles", "talk.politics.guns", "talk.politics.misc"],
            ["rec.sport.baseball", "rec.sport.hockey", "talk.politics.mideast", "talk.religion.misc"]
        ),
        ["rec-sci"] = (
            ["rec.autos", "rec.sport.baseball", "sci.med", "sci.space"],
            ["rec.motorcycles", "rec.sport.hockey", "sci.crypt", "sci.electronics"]
        ),
        ["sci-talk"] = (
            ["sci.electronics", "sci.med", "talk.politics.misc", "talk.religion.misc"],
            ["sci.crypt", "sci.space", "talk.politics.guns", "talk.politics.mideast"]
        ),
    };

    /// <summary>The pairs of top categories.</summary>
    public static IReadOnlyCollection<string> Pairs => Splits.Keys;

    /// <summary>A pair, with a share of the target's rows labeled.</summary>
    public TaskData Read(string pair, double labeledShare, int seed)
    {
        var path = Path.Combine(folder, "newsgroups20");
        using var archive = new NumpyArchive(Path.Combine(path, "newsgroups20_counts_csr.npz"));
        var matrix = new CountMatrix(
            archive.Read<byte>("data").Values,
            archive.Read<ushort>("indices").Values,
            archive.Read<int>("indptr").Values
        );
        var groups = archive.Read<byte>("y").Values;
        var names = File.ReadAllLines(Path.Combine(path, "categories.txt"));
        var (source, target) = (Documents(Splits[pair].Source), Documents(Splits[pair].Target));
        var chosen = CountMatrix.MostFrequent(source.Concat(target).Select(row => (matrix, row)), words);
        var (few, others) = Domain(target).Split((long)(labeledShare * target.Count), seed);
        return new TaskData(Domain(source), others, few);

        List<int> Documents(string[] wanted) =>
            [.. Enumerable.Range(0, groups.Length).Where(row => wanted.Contains(names[groups[row]]))];

        LabeledDomain Domain(List<int> rows) =>
            new(
                matrix.LogCounts(rows, chosen),
                tensor(rows.Select(row => IsFirst(names[groups[row]]) ? 1L : 0).ToArray()),
                space: LabelSpace.Classes(2)
            );

        bool IsFirst(string group) => group.StartsWith(pair.Split('-')[0], StringComparison.Ordinal);
    }
}
