using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Rows that are made when they are read, in any order: a data set of any size that takes no room but 4 MiB for 256
/// features.
/// </summary>
/// <remarks>
/// Row i is the sum of three rows of a table of normal numbers, whose places follow from i and repeat together only
/// after 10^10 rows; features have standard deviations from 0.5 to 2.
/// </remarks>
internal sealed class MadeRows : IRowSource, IDisposable
{
    private const long TableRows = 4096;
    private const long Second = 4093;
    private const long Third = 4091;

    private readonly Tensor table;

    public MadeRows(long count, long width, long seed, double offset = 0)
    {
        Count = count;
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(seed).Generator();
        var rows = randn([TableRows, width], generator: generator) * linspace(0.5, 2, width) / Math.Sqrt(3);
        table = (rows + (offset / 3)).DetachFromDisposeScope();
    }

    public long Count { get; }

    public Tensor Read(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var first = table.index_select(0, rows.remainder(TableRows));
        var second = table.index_select(0, ((rows * 7919) + 13).remainder(Second));
        var third = table.index_select(0, rows.div(TableRows, RoundingMode.floor).remainder(Third));
        return first.add_(second).add_(third).MoveToOuterDisposeScope();
    }

    public void Dispose() => table.Dispose();
}
