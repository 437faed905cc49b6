using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// The optimum of <see cref="BoxQuadraticProgram"/>'s program where P has few columns, there are very many entries, and
/// nearly all end at a bound: it is found by which do.
/// </summary>
/// <remarks>
/// <para>
/// Proximal steps, <c>x_(k+1) = argmin 1/2 x'Px - q'x + ||x - x_k||^2 / (2 sigma)</c> within the bounds, sigma tenfold
/// each time (Rockafellar 1976). For <c>P = F F'</c> of r columns the dual of a step is a smooth problem in
/// <c>u = F'x</c> and the sum's multiplier, r + 1 numbers, which a semismooth Newton method maximizes: its matrix is
/// <c>I + sigma F_J'F_J</c> over the entries J that lie strictly between the bounds (Li, Sun and Toh 2018, "A Highly
/// Efficient Semismooth Newton Augmented Lagrangian Method for Solving Lasso Problems"). That set soon is small, and a
/// Newton step then costs two products with F, where an interior-point method takes n r^2 operations to its end.
/// </para>
/// <para>
/// Once no more entries than columns are left, the equations of an optimum are solved for them, the others held at
/// their bounds. The solution is taken where every entry fulfills the conditions of an optimum to rounding; otherwise
/// nothing is given back, and the interior-point method has the word. Whether entries settle at their bounds at all is
/// asked of an even part of them first, which costs little.
/// </para>
/// </remarks>
internal static class ActiveSetProgram
{
    // Of fewer entries, or not many more than columns, the interior-point method is as quick.
    private const long FewestEntries = 5000;
    private const long EntriesOfAColumn = 25;

    private const long PartEntries = 2000;
    private const long PartOfAColumn = 4;
    private const int FirstRounds = 2;
    private const int MaxRounds = 12;
    private const int MaxSteps = 40;
    private const double Growth = 10;
    private const double Settled = 1e-9;
    private const double Exact = 1e-12;
    private const double SumDigits = 1e-10;
    private const double Rounding = 1e-13;

    /// <summary>The optimum <c>[n]</c>, in the caller's scope; null where it is not of this kind.</summary>
    /// <param name="p">The matrix P by its factor.</param>
    /// <param name="q">The vector q <c>[n]</c>.</param>
    /// <param name="upper">The upper bound of every entry.</param>
    /// <param name="least">The least sum.</param>
    /// <param name="most">The largest sum.</param>
    public static Tensor? Find(QuadraticForm p, Tensor q, double upper, double least, double most)
    {
        var n = q.shape[0];
        if (p.Columns is not { } r || n < Math.Max(FewestEntries, EntriesOfAColumn * r))
        {
            return null;
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var count = Math.Max(PartEntries, PartOfAColumn * r);
        var numbers = arange(count, dtype: int64, device: q.device).mul(n).div(count, RoundingMode.floor);
        var share = (double)count / n;
        var part = new Program(
            QuadraticForm.OfFactor(p.Rows(numbers)),
            q.index_select(0, numbers) * share,
            upper,
            least * share,
            most * share
        );
        return part.Optimum() is null
            ? null
            : new Program(p, q, upper, least, most).Optimum()?.MoveToOuterDisposeScope();
    }

    // Where a proximal step has come to.
    private readonly record struct Point(Tensor X, double Sum, Tensor U, double Multiplier);

    private sealed record Program(QuadraticForm P, Tensor Q, double Upper, double Least, double Most)
    {
        private long Columns => P.Columns!.Value;

        /// <summary>The optimum, in the caller's scope; null where few entries leave their bounds.</summary>
        public Tensor? Optimum()
        {
            using var scope = NewDisposeScope();
            var n = Q.shape[0];
            var scale = Q.abs().max().item<double>();
            if (!(scale > 0))
            {
                return null;
            }
            var middle = (Least + Most) / 2 / n;
            var x = full_like(Q, Math.Min(middle, Upper / 2));
            var point = new Point(x, n * Math.Min(middle, Upper / 2), P.TimesFactor(x), 0);
            var sigma = Math.Min(Upper, 1000 * middle) / scale;
            var before = n;
            for (var round = 0; round < MaxRounds; round++, sigma *= Growth)
            {
                if (Stepped(point, sigma) is not { } next)
                {
                    return null;
                }
                point = next;
                var free = Free(point.X).sum().item<long>();
                if (free <= Columns && Exactly(point, scale) is { } found)
                {
                    return found.MoveToOuterDisposeScope();
                }
                if (round >= FirstRounds && 10 * free > 9 * before)
                {
                    return null; // they stay free: the optimum is not the only one, or none of few entries
                }
                before = free;
            }
            return null;
        }

        private Tensor Free(Tensor x) => x.gt(0).logical_and(x.lt(Upper));

        // One proximal step; null where Newton's method does not settle.
        private Point? Stepped(Point center, double sigma)
        {
            using var scope = NewDisposeScope();
            var stiffness = sigma * Q.shape[0];
            var (u, multiplier) = (center.U.clone(), center.Multiplier);
            var image = P.FactorTimes(u);
            for (var step = 0; step < MaxSteps; step++)
            {
                Canceling.Check();
                using var pass = NewDisposeScope();
                var raw = center.X - ((image - Q + multiplier) * sigma);
                var x = raw.clamp(0, Upper);
                var rawSum = center.Sum + (stiffness * multiplier);
                var sum = Math.Clamp(rawSum, Least, Most);
                var slope = P.TimesFactor(x) - u;
                var slopeOfSum = x.sum().item<double>() - sum;
                var off = slope.abs().max().item<double>() / Math.Max(1, u.abs().max().item<double>());
                if (Math.Max(off, Math.Abs(slopeOfSum) / Math.Max(1, Most)) < Settled)
                {
                    return new Point(Kept(Kept(x)), sum, Kept(u), multiplier);
                }
                var isSumFree = rawSum > Least && rawSum < Most;
                var right = cat([slope, tensor([slopeOfSum], dtype: float64, device: slope.device)]);
                var move = linalg.solve(Curvature(Free(raw), sigma, isSumFree ? stiffness : 0), right);
                var (moveOfU, moveOfMultiplier) = (move.narrow(0, 0, Columns), move[Columns].item<double>());
                var moveOfImage = P.FactorTimes(moveOfU);
                var rise = right.dot(move).item<double>();
                double Height(double length)
                {
                    using var trial = NewDisposeScope();
                    var l = multiplier + (length * moveOfMultiplier);
                    var gradient = image + (moveOfImage * length) - Q + l;
                    var at = (center.X - (gradient * sigma)).clamp(0, Upper);
                    var s = Math.Clamp(center.Sum + (stiffness * l), Least, Most);
                    var value =
                        gradient.dot(at)
                        + ((at - center.X).square().sum() / (2 * sigma))
                        - ((u + (moveOfU * length)).square().sum() / 2);
                    var gap = s - center.Sum;
                    return value.item<double>() - (l * s) + (gap * gap / (2 * stiffness));
                }
                var start = Height(0);
                var taken = 1.0;
                while (taken > 1e-6 && Height(taken) < start + (1e-4 * taken * rise) - (Rounding * Math.Abs(start)))
                {
                    taken /= 2;
                }
                multiplier += taken * moveOfMultiplier;
                (u, image) = (Kept(u + (moveOfU * taken)), Kept(image + (moveOfImage * taken)));
            }
            return null;
        }

        // Minus the second derivative of a step's dual, [r + 1, r + 1].
        private Tensor Curvature(Tensor isFree, double sigma, double stiffness)
        {
            var (gram, ofOnes) = P.OfMarked(isFree);
            var count = isFree.sum().item<long>();
            gram = (gram * sigma) + eye(Columns, dtype: float64, device: gram.device);
            var border = (ofOnes * sigma).unsqueeze(1);
            // Where no entry is free and the sum is held, any multiplier serves.
            var corner = full_like(border.narrow(0, 0, 1), (sigma * (count + 1e-12)) + stiffness);
            return cat([cat([gram, border], 1), cat([border.t(), corner], 1)]);
        }

        // The equations of an optimum solved for the free entries; null where their solution is none.
        private Tensor? Exactly(Point point, double scale)
        {
            using var scope = NewDisposeScope();
            var isFree = Free(point.X);
            var numbers = isFree.nonzero().squeeze(1);
            var count = numbers.shape[0];
            if (count == 0)
            {
                return null;
            }
            var isHeld = point.Sum <= Least || point.Sum >= Most;
            var rows = P.Rows(numbers);
            var held = point.X.masked_fill(isFree, 0);
            var system = rows.matmul(rows.t());
            var right = Q.index_select(0, numbers) - rows.mv(P.TimesFactor(held));
            var solution = point.X.index_select(0, numbers);
            if (isHeld)
            {
                var one = ones([count, 1], float64, system.device);
                system = cat([cat([system, one], 1), cat([one.t(), zeros([1, 1], float64, one.device)], 1)]);
                right = cat([right, (point.Sum - held.sum()).unsqueeze(0)]);
                solution = cat([solution, full([1], point.Multiplier, float64, one.device)]);
            }
            // Equal rows leave their shares open: they stay as the steps have them.
            var inverse = linalg.pinv(system, rtol: Rounding, hermitian: true);
            for (var pass = 0; pass < 2; pass++)
            {
                Canceling.Check();
                solution = solution + inverse.mv(right - system.mv(solution));
            }
            var free = solution.narrow(0, 0, count);
            var within = free.clamp(0, Upper);
            var x = held.index_copy(0, numbers, within);
            var multiplier = isHeld ? solution[count].item<double>() : 0;
            var slope = P.Times(x) - Q + multiplier;
            var wrong = where(x.le(0), -slope, where(x.ge(Upper), slope, slope.abs())).max().item<double>();
            var sum = x.sum().item<double>();
            var pull = point.Sum >= Most ? -multiplier : multiplier; // what a sum at its bound must not do
            var isOptimum =
                (free - within).abs().max().item<double>() <= Exact * Upper
                && wrong <= Exact * scale
                && sum >= Least * (1 - SumDigits)
                && sum <= Most * (1 + SumDigits)
                && (!isHeld || Least >= Most * (1 - SumDigits) || pull <= Exact * scale);
            return isOptimum ? x.MoveToOuterDisposeScope() : null;
        }

        private static Tensor Kept(Tensor value) => value.MoveToOuterDisposeScope();
    }
}
