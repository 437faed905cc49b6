using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>One entry of a TorchSharp data set's examples, as rows.</summary>
internal sealed class DatasetRows : IRowSource
{
    private readonly utils.data.Dataset dataset;
    private readonly string entry;

    public DatasetRows(utils.data.Dataset dataset, string entry)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentException.ThrowIfNullOrEmpty(entry);
        (this.dataset, this.entry) = (dataset, entry);
        if (Count > 0)
        {
            using var scope = NewDisposeScope();
            Example(0, entry);
        }
    }

    public long Count => dataset.Count;

    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        var inputs = rows.cpu().data<long>().Select(row => Example(row, entry)).ToList();
        return stack(inputs).MoveToOuterDisposeScope();
    }

    /// <summary>Another entry of all examples, class numbers as int64.</summary>
    public Tensor All(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Count == 0)
        {
            throw new ArgumentException("the data set has no example.", nameof(dataset));
        }
        using var scope = NewDisposeScope();
        var labels = new List<Tensor>();
        for (long row = 0; row < Count; row++)
        {
            Canceling.Check();
            using var one = NewDisposeScope();
            var label = Example(row, name);
            var isNumber = label.is_floating_point();
            labels.Add((isNumber ? label : label.to(int64)).reshape(label.numel() == 1 ? [] : [-1]).clone());
            labels[^1].MoveToOuterDisposeScope();
        }
        return stack(labels).MoveToOuterDisposeScope();
    }

    private Tensor Example(long row, string name)
    {
        var example = dataset.GetTensor(row);
        return example.TryGetValue(name, out var found)
            ? found
            : throw new ArgumentException(
                $"example {row} of the data set has no '{name}'; it has {string.Join(", ", example.Keys.Order())}.",
                nameof(dataset)
            );
    }
}
