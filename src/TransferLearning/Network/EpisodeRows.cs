using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>The rows of an episode: some classes, some labeled rows of each and others to be read.</summary>
/// <param name="Support">Row numbers of the labeled rows, class by class, int64 <c>[ways shots]</c>.</param>
/// <param name="Queries">Row numbers of the rows to read, class by class, int64 <c>[ways queries]</c>.</param>
/// <param name="SupportLabels">0 to ways - 1, int64 <c>[ways shots]</c>.</param>
/// <param name="QueryLabels">0 to ways - 1, int64 <c>[ways queries]</c>.</param>
internal sealed record EpisodeRows(Tensor Support, Tensor Queries, Tensor SupportLabels, Tensor QueryLabels)
{
    /// <summary>The rows of each class that has enough of them.</summary>
    public static IReadOnlyList<long[]> Classes(LabeledDomain data, int ways, int shots, int queries)
    {
        if (!data.Space.IsClasses)
        {
            throw new ArgumentException($"episodes are of classes; the labels are {data.Space}.", nameof(data));
        }
        using var scope = NewDisposeScope();
        var labels = data.Labels.cpu().data<long>().ToArray();
        var classes = Enumerable
            .Range(0, labels.Length)
            .GroupBy(row => labels[row], row => (long)row)
            .Where(rows => rows.Count() >= shots + queries)
            .OrderBy(rows => rows.Key)
            .Select(rows => rows.ToArray())
            .ToList();
        return classes.Count >= ways
            ? classes
            : throw new ArgumentException(
                $"an episode needs {ways} classes of {shots + queries} rows at least; the domain has {classes.Count}.",
                nameof(data)
            );
    }

    /// <summary>Draws an episode. Opens no scope.</summary>
    public static EpisodeRows Drawn(IReadOnlyList<long[]> classes, int ways, int shots, int queries, RandomKey key)
    {
        var random = key.Random();
        var order = Enumerable.Range(0, classes.Count).ToArray();
        random.Shuffle(order);
        var drawn = order[..ways]
            .Select(c =>
            {
                var rows = classes[c].ToArray();
                random.Shuffle(rows);
                return rows;
            })
            .ToList();
        Tensor Numbers(int count) => arange(ways, dtype: int64).repeat_interleave(count);
        return new EpisodeRows(
            tensor(drawn.SelectMany(rows => rows[..shots]).ToArray()),
            tensor(drawn.SelectMany(rows => rows[shots..(shots + queries)]).ToArray()),
            Numbers(shots),
            Numbers(queries)
        );
    }
}
