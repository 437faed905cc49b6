using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The cheapest pairing of n rows with n columns: exact optimal transport between uniform samples of one size.
/// </summary>
/// <remarks>
/// The Hungarian method with potentials, by shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987): n^3
/// operations on the CPU.
/// </remarks>
internal static class Assignment
{
    /// <summary>The column of every row, int64 <c>[n]</c>, on the costs' device.</summary>
    /// <param name="costs">Costs <c>[n, n]</c>, all finite.</param>
    public static Tensor Of(Tensor costs)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var n = (int)costs.shape[0];
        var numbers = costs.detach().to(float64).cpu().contiguous().data<double>().ToArray();
        return tensor(Columns(numbers, n), dtype: int64).to(costs.device).MoveToOuterDisposeScope();
    }

    private static long[] Columns(double[] costs, int n)
    {
        // Number n stands for "none": the row that is being placed enters through column n.
        var (ofRows, ofColumns) = (new double[n + 1], new double[n + 1]);
        var (rowOf, before) = (new int[n + 1], new int[n + 1]);
        var (slack, isSeen) = (new double[n + 1], new bool[n + 1]);
        Array.Fill(rowOf, n);
        for (var placed = 0; placed < n; placed++)
        {
            Canceling.Check();
            var column = n;
            rowOf[n] = placed;
            Array.Fill(slack, double.PositiveInfinity);
            Array.Clear(isSeen);
            do
            {
                isSeen[column] = true;
                var (row, step, next) = (rowOf[column], double.PositiveInfinity, n);
                for (var j = 0; j < n; j++)
                {
                    if (isSeen[j])
                    {
                        continue;
                    }
                    var reduced = costs[(row * n) + j] - ofRows[row] - ofColumns[j];
                    if (reduced < slack[j])
                    {
                        (slack[j], before[j]) = (reduced, column);
                    }
                    if (slack[j] < step)
                    {
                        (step, next) = (slack[j], j);
                    }
                }
                for (var j = 0; j <= n; j++)
                {
                    if (isSeen[j])
                    {
                        ofRows[rowOf[j]] += step;
                        ofColumns[j] -= step;
                    }
                    else
                    {
                        slack[j] -= step;
                    }
                }
                column = next;
            } while (rowOf[column] != n);
            while (column != n)
            {
                rowOf[column] = rowOf[before[column]];
                column = before[column];
            }
        }
        var columns = new long[n];
        for (var j = 0; j < n; j++)
        {
            columns[rowOf[j]] = j;
        }
        return columns;
    }
}
