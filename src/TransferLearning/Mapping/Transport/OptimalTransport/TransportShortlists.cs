namespace TransferLearning.Mapping;

/// <summary>For each source of a dense transport problem the few targets that its plan probably uses.</summary>
/// <remarks>
/// Those of least cost, less what each target costs at least. Nearly all of an optimal plan lies on them where weights
/// are spread evenly, and looking through them costs a fraction of a row (the shortlist method; Gottschlich and
/// Schuhmacher 2014, "The Shortlist Method for Fast Computation of the Earth Mover's Distance"). Which targets count as
/// few is estimated from every eighth one, so lists differ in length.
/// </remarks>
internal sealed class TransportShortlists
{
    private const int UsualLength = 64;
    private const int SampledEach = 8;

    private readonly int capacity;
    private readonly int[] counts;
    private readonly int[] targets;
    private readonly double[] costs;

    private TransportShortlists(int sources, int capacity)
    {
        this.capacity = capacity;
        counts = new int[sources];
        (targets, costs) = (new int[sources * capacity], new double[sources * capacity]);
    }

    /// <summary>The lists of a cost matrix, or null where they would be no shorter than its rows.</summary>
    /// <param name="cost">The costs, row after row.</param>
    /// <param name="least">What each target costs at least.</param>
    /// <param name="cancellation">Stops it.</param>
    public static TransportShortlists? Of(double[] cost, double[] least, CancellationToken cancellation)
    {
        var m = least.Length;
        var n = cost.Length / m;
        var length = UsualLength + (4 * m / n);
        if (8 * length > m)
        {
            return null;
        }

        var lists = new TransportShortlists(n, 2 * length);
        var lowest = new double[length / SampledEach];
        for (var i = 0; i < n; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            lists.Fill(i, cost.AsSpan(i * m, m), least, Bound(cost.AsSpan(i * m, m), least, lowest));
        }
        return lists;
    }

    /// <summary>The target of the least <c>c_ij - v_j</c> on a source's list, which is never empty.</summary>
    public (int Target, double Value) Cheapest(int source, double[] v)
    {
        var first = source * capacity;
        var row = costs.AsSpan(first, counts[source]);
        var places = targets.AsSpan(first, row.Length);
        var (best, value) = (0, double.PositiveInfinity);
        for (var k = 0; k < row.Length; k++)
        {
            var reduced = row[k] - v[places[k]];
            if (reduced < value)
            {
                (best, value) = (k, reduced);
            }
        }
        return (places[best], value);
    }

    // The value below which about the wanted number lies: an order statistic of every eighth target's.
    private static double Bound(ReadOnlySpan<double> row, double[] least, double[] lowest)
    {
        Array.Fill(lowest, double.PositiveInfinity);
        for (var j = 0; j < row.Length; j += SampledEach)
        {
            var value = row[j] - least[j];
            if (value < lowest[^1])
            {
                var place = lowest.Length - 1;
                for (; place > 0 && lowest[place - 1] > value; place--)
                {
                    lowest[place] = lowest[place - 1];
                }
                lowest[place] = value;
            }
        }
        return lowest[^1];
    }

    private void Fill(int source, ReadOnlySpan<double> row, double[] least, double bound)
    {
        var first = source * capacity;
        var count = 0;
        for (var j = 0; j < row.Length && count < capacity; j++)
        {
            if (row[j] - least[j] <= bound)
            {
                (targets[first + count], costs[first + count]) = (j, row[j]);
                count++;
            }
        }
        counts[source] = count;
    }
}
