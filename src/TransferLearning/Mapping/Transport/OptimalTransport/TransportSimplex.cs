using System.Numerics;
using System.Runtime.InteropServices;

namespace TransferLearning.Mapping;

/// <summary>
/// The network simplex for the dense transport problem: exact, a spanning tree of n + m - 1 arcs at a time.
/// </summary>
/// <remarks>
/// <para>
/// Weights are scaled to whole numbers, and each source gets one unit more than its share, the root target as many:
/// then no arc of a tree is ever empty, every pivot lowers the cost and none can cycle (Dantzig's perturbation; Ahuja,
/// Magnanti and Orlin 1993, chapter 11). The optimal tree does not depend on the units; the flows on it are computed
/// from the weights as given.
/// </para>
/// <para>
/// Starts from the row-minimum rule on column-reduced costs. Prices rows in turn and takes the best arc of the first
/// rows that hold one: first the rows' <see cref="TransportShortlists"/>, then, by vector instructions, whole rows. A
/// pivot costs the cycle and the subtree that hangs on the arc that leaves.
/// </para>
/// </remarks>
internal sealed class TransportSimplex
{
    private const int None = -1;
    private const int ShortRowsAtOnce = 4;

    private readonly double[] cost;
    private readonly int n;
    private readonly int m;
    private readonly int root;
    private readonly double[] u; // potentials of sources
    private readonly double[] v; // potentials of targets: c_ij = u_i + v_j on the tree
    private readonly int[] parent;
    private readonly int[] depth;
    private readonly long[] flow; // on the arc between a node and its parent
    private readonly int[] firstChild;
    private readonly int[] next;
    private readonly int[] previous;
    private readonly int[] stack;

    private TransportSimplex(double[] cost, int n, int m)
    {
        (this.cost, this.n, this.m) = (cost, n, m);
        var nodes = n + m;
        root = nodes - 1;
        (u, v) = (new double[n], new double[m]);
        (parent, depth, flow) = (new int[nodes], new int[nodes], new long[nodes]);
        (firstChild, next, previous) = (new int[nodes], new int[nodes], new int[nodes]);
        stack = new int[nodes];
        Array.Fill(firstChild, None);
        Array.Fill(next, None);
        Array.Fill(previous, None);
    }

    /// <summary>The arcs of an optimal plan with their flows. Weights are positive and of one sum.</summary>
    public static IEnumerable<(int Source, int Target, double Flow)> Solve(
        double[] cost,
        double[] source,
        double[] target,
        CancellationToken cancellation = default
    )
    {
        var simplex = new TransportSimplex(cost, source.Length, target.Length);
        var least = simplex.ColumnMinima(cancellation);
        simplex.Start(source, target, least, cancellation);
        simplex.Improve(least, cancellation);
        return simplex.Flows(source, target);
    }

    private double[] ColumnMinima(CancellationToken cancellation)
    {
        var least = new double[m];
        Array.Fill(least, double.PositiveInfinity);
        for (var i = 0; i < n; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var row = cost.AsSpan(i * m, m);
            for (var j = 0; j < m; j++)
            {
                least[j] = Math.Min(least[j], row[j]);
            }
        }
        return least;
    }

    private void Start(double[] source, double[] target, double[] least, CancellationToken cancellation)
    {
        var (supply, demand) = WholeNumbers(source, target);
        var open = Enumerable.Range(0, m).ToArray();
        var count = m;
        var arcs = new List<(int Source, int Target, long Flow)>(n + m - 1);
        for (var i = 0; i < n; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            while (count > 0 && supply[i] > 0)
            {
                var best = 0;
                var lowest = double.PositiveInfinity;
                for (var k = 0; k < count; k++)
                {
                    var reduced = cost[(i * m) + open[k]] - least[open[k]];
                    if (reduced < lowest)
                    {
                        (lowest, best) = (reduced, k);
                    }
                }
                var j = open[best];
                var sent = Math.Min(supply[i], demand[j]);
                arcs.Add((i, j, sent));
                supply[i] -= sent;
                demand[j] -= sent;
                if (demand[j] == 0)
                {
                    open[best] = open[--count];
                }
            }
        }
        Grow(arcs);
    }

    // Multiples of a unit that exceeds the number of sources, plus one for every source.
    private (long[] Supply, long[] Demand) WholeNumbers(double[] source, double[] target)
    {
        var unit = (long)BitOperations.RoundUpToPowerOf2((uint)n + 1);
        var scale = Math.Pow(2, 61) / unit / source.Sum();
        long[] Rounded(double[] weights) => [.. weights.Select(w => Math.Max(1, (long)Math.Round(w * scale)))];
        var (supply, demand) = (Rounded(source), Rounded(target));
        var excess = supply.Sum() - demand.Sum();
        demand[Array.IndexOf(demand, demand.Max())] += excess;
        for (var i = 0; i < n; i++)
        {
            supply[i] = (supply[i] * unit) + 1;
        }
        for (var j = 0; j < m; j++)
        {
            demand[j] *= unit;
        }
        demand[m - 1] += n;
        return (supply, demand);
    }

    private void Grow(List<(int Source, int Target, long Flow)> arcs)
    {
        var incident = new List<(int Node, long Flow)>[n + m];
        for (var node = 0; node < incident.Length; node++)
        {
            incident[node] = [];
        }
        foreach (var (i, j, sent) in arcs)
        {
            incident[i].Add((n + j, sent));
            incident[n + j].Add((i, sent));
        }
        Array.Fill(parent, None);
        var top = 0;
        stack[top++] = root;
        while (top > 0)
        {
            var node = stack[--top];
            foreach (var (other, sent) in incident[node])
            {
                if (other != parent[node])
                {
                    flow[other] = sent;
                    Attach(other, node);
                    stack[top++] = other;
                }
            }
        }
        Settle();
    }

    // Depths and potentials of the whole tree, afresh.
    private void Settle()
    {
        v[m - 1] = 0;
        depth[root] = 0;
        var top = 0;
        stack[top++] = root;
        while (top > 0)
        {
            var node = stack[--top];
            for (var child = firstChild[node]; child != None; child = next[child])
            {
                depth[child] = depth[node] + 1;
                if (child < n)
                {
                    u[child] = cost[(child * m) + node - n] - v[node - n];
                }
                else
                {
                    v[child - n] = cost[(node * m) + child - n] - u[node];
                }
                stack[top++] = child;
            }
        }
    }

    private void Improve(double[] least, CancellationToken cancellation)
    {
        if (TransportShortlists.Of(cost, least, cancellation) is { } lists)
        {
            Improve(row => CheapestOf(lists, row), ShortRowsAtOnce, cancellation);
        }
        Improve(Cheapest, Math.Max(1, (int)Math.Sqrt(n / (double)m)), cancellation);
    }

    // Pivots until the cheapest arcs of all rows cost nothing less than the tree.
    private void Improve(
        Func<int, (int Target, double Reduced)> cheapest,
        int rowsAtOnce,
        CancellationToken cancellation
    )
    {
        var tolerance = 1e-13 * Math.Max(cost.Max(Math.Abs), double.Epsilon);
        var row = 0;
        var isFresh = false;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var (entering, target, best) = (None, None, -tolerance);
            for (var seen = 0; seen < n && (entering == None || seen < rowsAtOnce); seen++)
            {
                var (j, reduced) = cheapest(row);
                if (reduced < best)
                {
                    (entering, target, best) = (row, j, reduced);
                }
                row = row + 1 == n ? 0 : row + 1;
            }
            if (entering != None)
            {
                Pivot(entering, target, best);
                isFresh = false;
            }
            else if (isFresh)
            {
                return;
            }
            else
            {
                Settle(); // rounding that pivots have gathered is taken out before the answer is believed
                isFresh = true;
            }
        }
    }

    private (int Target, double Reduced) CheapestOf(TransportShortlists lists, int i)
    {
        var (target, value) = lists.Cheapest(i, v);
        return (target, value - u[i]);
    }

    // The least reduced cost c_ij - u_i - v_j of a row.
    private (int Target, double Reduced) Cheapest(int i)
    {
        ref var c = ref MemoryMarshal.GetReference(cost.AsSpan(i * m, m));
        ref var w = ref MemoryMarshal.GetReference(v.AsSpan());
        var least = double.PositiveInfinity;
        var j = 0;
        var width = Vector<double>.Count;
        if (m >= 2 * width)
        {
            var (first, second) = (new Vector<double>(least), new Vector<double>(least));
            for (; j <= m - (2 * width); j += 2 * width)
            {
                var (a, b) = ((nuint)j, (nuint)(j + width));
                first = Vector.Min(first, Vector.LoadUnsafe(ref c, a) - Vector.LoadUnsafe(ref w, a));
                second = Vector.Min(second, Vector.LoadUnsafe(ref c, b) - Vector.LoadUnsafe(ref w, b));
            }
            first = Vector.Min(first, second);
            for (var k = 0; k < width; k++)
            {
                least = Math.Min(least, first[k]);
            }
        }
        for (; j < m; j++)
        {
            least = Math.Min(least, cost[(i * m) + j] - v[j]);
        }
        var reduced = least - u[i];
        return reduced < 0 ? (Where(i, least), reduced) : (None, 0);
    }

    private int Where(int i, double value)
    {
        var row = cost.AsSpan(i * m, m);
        for (var j = 0; j < m; j++)
        {
            if (row[j] - v[j] == value)
            {
                return j;
            }
        }
        return None;
    }

    private void Pivot(int i, int target, double reduced)
    {
        var j = n + target;
        // Going up from i, arcs of sources give way; going up from j, arcs of targets.
        var (left, right, leaving, isOnLeft) = (i, j, None, false);
        var sent = long.MaxValue;
        while (left != right)
        {
            if (depth[left] >= depth[right])
            {
                if (left < n && flow[left] < sent)
                {
                    (sent, leaving, isOnLeft) = (flow[left], left, true);
                }
                left = parent[left];
            }
            else
            {
                if (right >= n && flow[right] < sent)
                {
                    (sent, leaving, isOnLeft) = (flow[right], right, false);
                }
                right = parent[right];
            }
        }
        for (var node = i; node != left; node = parent[node])
        {
            flow[node] += node < n ? -sent : sent;
        }
        for (var node = j; node != left; node = parent[node])
        {
            flow[node] += node < n ? sent : -sent;
        }
        var (inside, outside) = isOnLeft ? (i, j) : (j, i);
        Hang(inside, outside, leaving, sent);
        Shift(inside, isOnLeft ? reduced : -reduced);
    }

    // Turns the subtree that the leaving arc cuts off so that the entering arc's end is its root, and hangs it there.
    private void Hang(int inside, int outside, int leaving, long sent)
    {
        var (node, above, carried) = (inside, outside, sent);
        while (true)
        {
            var (old, oldFlow) = (parent[node], flow[node]);
            Detach(node, old);
            flow[node] = carried;
            Attach(node, above);
            if (node == leaving)
            {
                return;
            }
            (above, node, carried) = (node, old, oldFlow);
        }
    }

    private void Shift(int top, double change)
    {
        depth[top] = depth[parent[top]] + 1;
        var count = 0;
        stack[count++] = top;
        while (count > 0)
        {
            var node = stack[--count];
            if (node < n)
            {
                u[node] += change;
            }
            else
            {
                v[node - n] -= change;
            }
            var below = depth[node] + 1;
            for (var child = firstChild[node]; child != None; child = next[child])
            {
                depth[child] = below;
                stack[count++] = child;
            }
        }
    }

    private void Attach(int node, int above)
    {
        parent[node] = above;
        var first = firstChild[above];
        (next[node], previous[node]) = (first, None);
        if (first != None)
        {
            previous[first] = node;
        }
        firstChild[above] = node;
    }

    private void Detach(int node, int above)
    {
        var (before, after) = (previous[node], next[node]);
        if (before == None)
        {
            firstChild[above] = after;
        }
        else
        {
            next[before] = after;
        }
        if (after != None)
        {
            previous[after] = before;
        }
    }

    // From the leaves up: what a subtree has over goes through the arc above it.
    private IEnumerable<(int Source, int Target, double Flow)> Flows(double[] source, double[] target)
    {
        var surplus = new double[n + m];
        source.CopyTo(surplus, 0);
        for (var j = 0; j < m; j++)
        {
            surplus[n + j] = -target[j];
        }
        foreach (var node in Enumerable.Range(0, n + m).OrderByDescending(node => depth[node]))
        {
            if (node == root)
            {
                continue;
            }
            surplus[parent[node]] += surplus[node];
            yield return node < n
                ? (node, parent[node] - n, Math.Max(0, surplus[node]))
                : (parent[node], node - n, Math.Max(0, -surplus[node]));
        }
    }
}
