using static TorchSharp.torch;

namespace TransferLearning.Tests.DistributedHost;

/// <summary>
/// Rows that are made when they are read: a data set of any size that takes no room. A block of 1,024 rows follows from
/// its number and a seed.
/// </summary>
internal sealed class MadeRows(long count, long width, long seed, double offset = 0) : IRowSource
{
    private const long BlockRows = 1024;

    public long Count => count;

    public Tensor Read(Tensor rows)
    {
        using var scope = NewDisposeScope();
        long[] wanted = [.. rows.data<long>()];
        var parts = new List<Tensor>();
        for (var i = 0; i < wanted.Length; )
        {
            using var pass = NewDisposeScope();
            var block = wanted[i] / BlockRows;
            var end = i;
            while (end < wanted.Length && wanted[end] / BlockRows == block)
            {
                end++;
            }
            var places = wanted[i..end].Select(row => row % BlockRows).ToArray();
            parts.Add(Block(block).index_select(0, tensor(places, [places.Length])).MoveToOuterDisposeScope());
            i = end;
        }
        return (parts.Count == 0 ? empty([0, width]) : cat([.. parts])).MoveToOuterDisposeScope();
    }

    // Features of standard deviations from 0.5 to 2.
    private Tensor Block(long block)
    {
        using var generator = new RandomKey(seed).Child(block).Generator();
        return (randn([BlockRows, width], generator: generator) * linspace(0.5, 2, width)) + offset;
    }
}
