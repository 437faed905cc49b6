using TransferLearning.Data;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The rows of every class, in the sources by their labels and in the target by those given: batches are drawn from it
/// class by class.
/// </summary>
internal sealed class ClassRows
{
    private readonly DomainSet domains;
    private readonly long[][][] sources; // by source and class
    private readonly long[][] target; // by class
    private readonly int[] common; // classes with rows everywhere

    public ClassRows(DomainSet domains, long[] targetLabels)
    {
        using var scope = NewDisposeScope();
        this.domains = domains;
        var classes = (int)domains.Space.Width;
        sources =
        [
            .. domains.Sources.Select(source =>
                ByClass(source.Labels.cpu().contiguous().data<long>().ToArray(), classes)
            ),
        ];
        target = ByClass(targetLabels, classes);
        common =
        [
            .. Enumerable
                .Range(0, classes)
                .Where(c => target[c].Length > 0 && sources.All(source => source[c].Length > 0)),
        ];
    }

    /// <summary>
    /// Batches of up to as many rows of each of up to as many common classes; null where no class is common.
    /// </summary>
    public (LabeledBatch[] Sources, UnlabeledBatch Target, Tensor TargetLabels)? Draw(
        int maxClasses,
        int maxRows,
        RandomKey key,
        Device device
    )
    {
        if (common.Length == 0)
        {
            return null;
        }
        var random = key.Random();
        var classes = Some(common, maxClasses, random);
        var batches = new LabeledBatch[sources.Length];
        for (var i = 0; i < batches.Length; i++)
        {
            var (rows, labels) = Drawn(sources[i], classes, maxRows, random);
            var (inputs, space) = (BatchedPass.Read(domains.Sources[i].Rows, rows).to(device), domains.Space);
            var weights = domains.Sources[i].Weights is { } given
                ? given.index_select(0, rows.to(given.device)).to(device)
                : null;
            batches[i] = new LabeledBatch(inputs, labels.to(device), DomainId.Source(i), rows, weights, space);
        }
        var (targetRows, targetLabels) = Drawn(target, classes, maxRows, random);
        var targetInputs = BatchedPass.Read(domains.Target.Rows, targetRows).to(device);
        return (batches, new UnlabeledBatch(targetInputs, DomainId.Target, targetRows), targetLabels.to(device));
    }

    private static (Tensor Rows, Tensor Labels) Drawn(long[][] byClass, int[] classes, int maxRows, Random random)
    {
        var drawn = classes
            .SelectMany(c => Some(byClass[c], maxRows, random).Select(row => (Row: row, Label: (long)c)))
            .ToList();
        return (
            tensor(drawn.Select(pair => pair.Row).ToArray(), dtype: int64),
            tensor(drawn.Select(pair => pair.Label).ToArray(), dtype: int64)
        );
    }

    // The head of a shuffle that is carried no further than it is read.
    private static T[] Some<T>(T[] all, int most, Random random)
    {
        var pool = all.ToArray();
        var count = Math.Min(most, pool.Length);
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, pool.Length);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }
        return pool[..count];
    }

    private static long[][] ByClass(long[] labels, int classes)
    {
        var rows = new List<long>[classes];
        for (var c = 0; c < classes; c++)
        {
            rows[c] = [];
        }
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] >= 0)
            {
                rows[labels[row]].Add(row);
            }
        }
        return [.. rows.Select(list => list.ToArray())];
    }
}
