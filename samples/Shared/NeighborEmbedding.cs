namespace Samples.Shared;

/// <summary>
/// Draws points of many dimensions in two, such that neighbors stay neighbors: t-distributed stochastic neighbor
/// embedding (t-SNE; van der Maaten and Hinton 2008), the exact form for a few hundred points. Starts from the two
/// principal directions, so the same points give the same picture.
/// </summary>
public sealed class NeighborEmbedding
{
    private const int Steps = 500;
    private const int ExaggeratedSteps = 120;
    private const double Exaggeration = 8;

    /// <summary>The number of neighbors that a point counts, softly.</summary>
    public double Perplexity { get; init; } = 25;

    /// <summary>Places <paramref name="points"/> in the plane.</summary>
    /// <param name="points">
    /// The points, all of one width; more than three times <see cref="Perplexity"/> of them.
    /// </param>
    /// <returns>One place a point, scaled so that both axes fit -1 to 1.</returns>
    public (double X, double Y)[] Embed(IReadOnlyList<float[]> points)
    {
        var affinities = Affinities(SquaredDistances(points));
        var places = PrincipalPlaces(points);
        var count = points.Count;
        var velocity = new double[count * 2];
        var gains = Enumerable.Repeat(1.0, count * 2).ToArray();
        var gradient = new double[count * 2];
        var closeness = new double[count * count];
        var rate = Math.Max(count / Exaggeration, 50);
        for (var step = 0; step < Steps; step++)
        {
            var exaggeration = step < ExaggeratedSteps ? Exaggeration : 1;
            Gradient(affinities, places, closeness, gradient, exaggeration);
            var momentum = step < ExaggeratedSteps ? 0.5 : 0.8;
            for (var i = 0; i < places.Length; i++)
            {
                gains[i] =
                    Math.Sign(gradient[i]) == Math.Sign(velocity[i]) ? Math.Max(gains[i] * 0.8, 0.01) : gains[i] + 0.2;
                velocity[i] = (momentum * velocity[i]) - (rate * gains[i] * gradient[i]);
                places[i] += velocity[i];
            }
        }

        return Scaled(places);
    }

    private static double[] SquaredDistances(IReadOnlyList<float[]> points)
    {
        var count = points.Count;
        var distances = new double[count * count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < points[i].Length; k++)
                {
                    var difference = points[i][k] - points[j][k];
                    sum += difference * difference;
                }

                distances[(i * count) + j] = distances[(j * count) + i] = sum;
            }
        }

        return distances;
    }

    /// <summary>
    /// Symmetric neighbor probabilities: a Gaussian around every point, as wide as its perplexity asks, found by
    /// bisection of its precision.
    /// </summary>
    private double[] Affinities(double[] distances)
    {
        var count = (int)Math.Sqrt(distances.Length);
        var conditional = new double[distances.Length];
        var wanted = Math.Log(Perplexity);
        for (var i = 0; i < count; i++)
        {
            var row = distances.AsSpan(i * count, count);
            var result = conditional.AsSpan(i * count, count);
            var (low, high, precision) = (0.0, double.PositiveInfinity, 1.0);
            for (var attempt = 0; attempt < 60; attempt++)
            {
                var entropy = GaussianRow(row, result, i, precision);
                if (Math.Abs(entropy - wanted) < 1e-5)
                {
                    break;
                }

                if (entropy > wanted)
                {
                    low = precision;
                    precision = double.IsInfinity(high) ? precision * 2 : (low + high) / 2;
                }
                else
                {
                    high = precision;
                    precision = (low + high) / 2;
                }
            }
        }

        var affinities = new double[distances.Length];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                affinities[(i * count) + j] =
                    (conditional[(i * count) + j] + conditional[(j * count) + i]) / (2.0 * count);
            }
        }

        return affinities;
    }

    /// <summary>Fills one row of neighbor probabilities and returns its entropy.</summary>
    private static double GaussianRow(ReadOnlySpan<double> distances, Span<double> row, int self, double precision)
    {
        var nearest = double.PositiveInfinity;
        for (var j = 0; j < row.Length; j++)
        {
            if (j != self)
            {
                nearest = Math.Min(nearest, distances[j]);
            }
        }

        var (sum, weighted) = (0.0, 0.0);
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = j == self ? 0 : Math.Exp(-precision * (distances[j] - nearest));
            sum += row[j];
            weighted += row[j] * (distances[j] - nearest);
        }

        for (var j = 0; j < row.Length; j++)
        {
            row[j] /= sum;
        }

        return Math.Log(sum) + (precision * weighted / sum);
    }

    private static void Gradient(
        double[] affinities,
        double[] places,
        double[] closeness,
        double[] gradient,
        double exaggeration
    )
    {
        var count = places.Length / 2;
        var total = 0.0;
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var x = places[2 * i] - places[2 * j];
                var y = places[(2 * i) + 1] - places[(2 * j) + 1];
                var close = 1 / (1 + (x * x) + (y * y));
                closeness[(i * count) + j] = close;
                total += 2 * close;
            }
        }

        Array.Clear(gradient);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var close = closeness[(i * count) + j];
                var pull = 4 * ((exaggeration * affinities[(i * count) + j]) - (close / total)) * close;
                var x = pull * (places[2 * i] - places[2 * j]);
                var y = pull * (places[(2 * i) + 1] - places[(2 * j) + 1]);
                gradient[2 * i] += x;
                gradient[(2 * i) + 1] += y;
                gradient[2 * j] -= x;
                gradient[(2 * j) + 1] -= y;
            }
        }
    }

    /// <summary>The two principal coordinates of every point by power iteration, made small.</summary>
    private static double[] PrincipalPlaces(IReadOnlyList<float[]> points)
    {
        var width = points[0].Length;
        var center = new double[width];
        foreach (var point in points)
        {
            for (var k = 0; k < width; k++)
            {
                center[k] += point[k] / points.Count;
            }
        }

        var first = PrincipalDirection(points, center, without: null);
        var second = PrincipalDirection(points, center, without: first);
        var places = new double[points.Count * 2];
        for (var i = 0; i < points.Count; i++)
        {
            places[2 * i] = Along(points[i], center, first);
            places[(2 * i) + 1] = Along(points[i], center, second);
        }

        var spread = Math.Max(places.Max(Math.Abs), 1e-12);
        return Array.ConvertAll(places, place => place / spread * 1e-2);
    }

    private static double[] PrincipalDirection(IReadOnlyList<float[]> points, double[] center, double[]? without)
    {
        var width = center.Length;
        var direction = new double[width];
        for (var k = 0; k < width; k++)
        {
            direction[k] = Math.Sin(k + 1);
        }

        for (var round = 0; round < 60; round++)
        {
            var next = new double[width];
            foreach (var point in points)
            {
                var along = Along(point, center, direction);
                for (var k = 0; k < width; k++)
                {
                    next[k] += along * (point[k] - center[k]);
                }
            }

            if (without is not null)
            {
                var overlap = next.Zip(without, (a, b) => a * b).Sum();
                for (var k = 0; k < width; k++)
                {
                    next[k] -= overlap * without[k];
                }
            }

            var length = Math.Max(Math.Sqrt(next.Sum(value => value * value)), 1e-12);
            direction = Array.ConvertAll(next, value => value / length);
        }

        return direction;
    }

    private static double Along(float[] point, double[] center, double[] direction)
    {
        var sum = 0.0;
        for (var k = 0; k < direction.Length; k++)
        {
            sum += (point[k] - center[k]) * direction[k];
        }

        return sum;
    }

    private static (double X, double Y)[] Scaled(double[] places)
    {
        var count = places.Length / 2;
        var xs = Enumerable.Range(0, count).Select(i => places[2 * i]).ToArray();
        var ys = Enumerable.Range(0, count).Select(i => places[(2 * i) + 1]).ToArray();
        return [.. xs.Zip(ys, (x, y) => (Unit(x, xs), Unit(y, ys)))];

        static double Unit(double value, double[] all)
        {
            var (least, most) = (all.Min(), all.Max());
            return most > least ? (2 * (value - least) / (most - least)) - 1 : 0;
        }
    }
}
