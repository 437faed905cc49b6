namespace TransferLearning.Mapping;

/// <summary>The multipliers of the program that gives each class a row.</summary>
internal static class ClassPrices
{
    /// <summary>The prices, one a class.</summary>
    /// <param name="distances">Rows' distances to class centers, row by row.</param>
    /// <param name="classes">How many classes, at most as many as rows.</param>
    /// <param name="cancellation">Stops the simplex.</param>
    public static double[] Of(double[] distances, int classes, CancellationToken cancellation)
    {
        var rows = distances.Length / classes;
        var moves = Moves(distances, Assign(distances, rows, classes, cancellation), classes);
        // Optimal prices are those with p_b - p_a <= moves_ab and p >= 0; a class that needs no price has none.
        ShortestPaths(moves, classes);
        var tolerance = 1e-12 * distances.Max();
        bool IsFree(int a) => Enumerable.Range(0, classes).All(b => moves[a, b] >= -tolerance);
        var free = Enumerable.Range(0, classes).Where(IsFree).ToArray();
        foreach (var (a, b) in free.SelectMany(a => free.Select(b => (a, b))))
        {
            moves[a, b] = 0;
        }
        ShortestPaths(moves, classes);
        // The paths from each class are optimal prices; their mean meets every bound with room to spare that some of
        // them does: rows have no ties.
        double Price(int c) => Enumerable.Range(0, classes).Average(from => moves[from, c] - moves[from, free[0]]);
        var prices = Enumerable.Range(0, classes).Select(Price).ToArray();
        foreach (var c in free)
        {
            prices[c] = 0;
        }
        return prices;
    }

    // Floyd and Warshall's.
    private static void ShortestPaths(double[,] lengths, int count)
    {
        for (var over = 0; over < count; over++)
        {
            for (var a = 0; a < count; a++)
            {
                for (var b = 0; b < count; b++)
                {
                    lengths[a, b] = Math.Min(lengths[a, b], lengths[a, over] + lengths[over, b]);
                }
            }
        }
    }

    /// <summary>The class of each row in the optimal plan: each class takes one row at least.</summary>
    public static int[] Assign(double[] distances, int rows, int classes, CancellationToken cancellation)
    {
        // Column C is for the rows beyond one a class: they are free, at the distance to their nearest center.
        var hasFree = rows > classes;
        var columns = hasFree ? classes + 1 : classes;
        var cost = new double[rows * columns];
        var nearest = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            var own = distances.AsSpan(row * classes, classes);
            for (var c = 1; c < classes; c++)
            {
                nearest[row] = own[c] < own[nearest[row]] ? c : nearest[row];
            }
            own.CopyTo(cost.AsSpan(row * columns));
            if (hasFree)
            {
                cost[(row * columns) + classes] = own[nearest[row]];
            }
        }
        var supply = new double[rows];
        Array.Fill(supply, 1);
        var demand = new double[columns];
        Array.Fill(demand, 1);
        if (hasFree)
        {
            demand[classes] = rows - classes;
        }
        var chosen = new int[rows];
        foreach (var (row, column, flow) in TransportSimplex.Solve(cost, supply, demand, cancellation))
        {
            if (flow > 0.5)
            {
                chosen[row] = column < classes ? column : nearest[row];
            }
        }
        return chosen;
    }

    // What it costs at least to move a row from class a to class b.
    private static double[,] Moves(double[] distances, int[] chosen, int classes)
    {
        var moves = new double[classes, classes];
        for (var a = 0; a < classes; a++)
        {
            for (var b = 0; b < classes; b++)
            {
                moves[a, b] = a == b ? 0 : double.PositiveInfinity;
            }
        }
        for (var row = 0; row < chosen.Length; row++)
        {
            var a = chosen[row];
            for (var b = 0; b < classes; b++)
            {
                var change = distances[(row * classes) + b] - distances[(row * classes) + a];
                moves[a, b] = Math.Min(moves[a, b], change);
            }
        }
        return moves;
    }
}
