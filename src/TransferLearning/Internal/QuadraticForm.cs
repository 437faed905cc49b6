using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// A symmetric positive semi-definite matrix <c>P [n, n]</c> as a quadratic program needs it: products, and solutions
/// with a diagonal added.
/// </summary>
/// <remarks>
/// Known by its factor F of r columns, <c>P = F F'</c>, it is never made: <c>(D + F F')^(-1) = D^(-1) - D^(-1) F (I +
/// F' D^(-1) F)^(-1) F' D^(-1)</c> (Woodbury), n r^2 operations a factor and n r memory (Fine and Scheinberg 2001,
/// "Efficient SVM Training Using Low-Rank Kernel Representations"). The all-ones matrix, whose multiple grows without
/// bound where a sum is bound on both sides, never enters a factor: it is solved for beside, by its multiplier.
/// Solutions are refined by their residuals. Of rows in shards each process holds its own rows of the factor, and
/// vectors whole: r numbers are added up and n gathered for a product, r^2 added up for a factor.
/// </remarks>
internal sealed class QuadraticForm
{
    private const double MinDiagonal = 1e-8;
    private const double EnoughDigits = 1e-12;
    private const int MaxPasses = 6;

    private readonly Tensor? matrix;
    private readonly Tensor? factor;
    private readonly ShardedRows? shards;
    private readonly Tensor? work; // where P + D is factorized, again and again

    private QuadraticForm(Tensor? matrix, Tensor? factor, ShardedRows? shards = null) =>
        (this.matrix, this.factor, this.shards, work) = (
            matrix,
            factor,
            shards,
            matrix is null ? null : empty_like(matrix)
        );

    /// <summary>The form of a matrix <c>[n, n]</c>; it takes as much memory again, in the caller's scope.</summary>
    public static QuadraticForm Of(Tensor matrix) => new(matrix, null);

    /// <summary>The form <c>F F'</c> of a factor <c>[n, r]</c>.</summary>
    /// <param name="factor">The factor; this process's rows of it where they are in shards.</param>
    /// <param name="shards">The rows that those of the factor belong to, where they are in shards.</param>
    public static QuadraticForm OfFactor(Tensor factor, ShardedRows? shards = null) => new(null, factor, shards);

    /// <summary>How many columns the factor has; null of a form that is known by its matrix.</summary>
    public long? Columns => factor?.shape[1];

    /// <summary>The trace of P, a scalar.</summary>
    public Tensor Trace() => matrix?.diagonal().sum() ?? Sum(factor!.norm().square());

    /// <summary>The product <c>P x</c>, <c>[n]</c>.</summary>
    public Tensor Times(Tensor x) => matrix?.mv(x) ?? FactorTimes(TimesFactor(x));

    /// <summary>The product <c>F z</c>, <c>[n]</c>, of a form that is known by its factor.</summary>
    public Tensor FactorTimes(Tensor z)
    {
        var own = factor!.mv(z);
        return shards is null ? own : shards.Gather(own);
    }

    /// <summary>
    /// What solves <c>(P + diag(d) + c 1 1') x = b</c> for b, with the sum of x, which may be far smaller than the
    /// rounding of adding x up; it lives as long as the caller's scope, and until the next one is asked for.
    /// </summary>
    /// <param name="diagonal">The diagonal d <c>[n]</c>, positive.</param>
    /// <param name="constant">The factor c of the all-ones matrix, a scalar, positive.</param>
    /// <param name="cancellation">Stops the factorization between its blocks.</param>
    public Func<Tensor, (Tensor X, Tensor Sum)> Factor(Tensor diagonal, Tensor constant, CancellationToken cancellation)
    {
        // Where the diagonal vanishes, P alone may leave no inverse to work with.
        var least = MinDiagonal * Trace() / diagonal.shape[0];
        var d = where(diagonal > least, diagonal, least);
        var inner = Inner(d);
        BlockCholesky.Factor(inner, cancellation);
        Tensor Approximate(Tensor right)
        {
            if (factor is null)
            {
                return BlockCholesky.Solve(inner, right);
            }
            var scaled = right / d;
            var image = BlockCholesky.Solve(inner, TimesFactor(scaled));
            return scaled - (FactorTimes(image) / d);
        }
        var ofOnes = Approximate(ones_like(d));
        var share = constant / (1 + (constant * ofOnes.sum()));
        // x and the multiplier y = c 1'x apart, corrected by what they leave of both equations: c may be large, and y
        // is not found by subtraction.
        return right =>
        {
            using var scope = NewDisposeScope();
            var (x, y) = (zeros_like(right), zeros_like(constant));
            var (residual, enough) = (right, EnoughDigits * right.norm().item<double>());
            var size = double.PositiveInfinity;
            for (var pass = 0; pass < MaxPasses && size > enough; pass++)
            {
                Canceling.Check();
                var move = Approximate(residual);
                var (dy, before) = (share * (move.sum() - (y / constant) + x.sum()), size);
                var (nextX, nextY) = (x + move - (ofOnes * dy), y + dy);
                residual = right - Times(nextX) - (d * nextX) - nextY;
                size = residual.norm().item<double>();
                if (!(size < before))
                {
                    break;
                }
                (x, y) = (nextX, nextY);
            }
            return (x.MoveToOuterDisposeScope(), (y / constant).MoveToOuterDisposeScope());
        };
    }

    /// <summary>The product <c>F'x</c>, <c>[r]</c>, of a form that is known by its factor.</summary>
    public Tensor TimesFactor(Tensor x) => Sum(factor!.t().mv(shards?.OwnPart(x) ?? x));

    /// <summary>
    /// Some rows of the factor <c>[k, r]</c>, of whichever process; they belong to the caller's scope.
    /// </summary>
    /// <param name="numbers">Their numbers <c>[k]</c>, none twice.</param>
    public Tensor Rows(Tensor numbers)
    {
        if (shards is null)
        {
            return factor!.index_select(0, numbers);
        }
        using var scope = NewDisposeScope();
        var (low, after) = (shards.Start, shards.Start + factor!.shape[0]);
        var places = numbers.ge(low).logical_and(numbers.lt(after)).nonzero().squeeze(1);
        var own = factor.index_select(0, numbers.index_select(0, places) - low);
        var all = zeros([numbers.shape[0], factor.shape[1]], float64, factor.device);
        return Sum(all.index_copy_(0, places, own)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The products <c>F_J'F_J</c>, <c>[r, r]</c>, and <c>F_J'1</c>, <c>[r]</c>, over some rows J of the factor; they
    /// belong to the caller's scope.
    /// </summary>
    /// <param name="isMarked">Which rows, of all processes, <c>[n]</c>.</param>
    public (Tensor Gram, Tensor Sum) OfMarked(Tensor isMarked)
    {
        using var scope = NewDisposeScope();
        var r = factor!.shape[1];
        var numbers = (shards?.OwnPart(isMarked) ?? isMarked).nonzero().squeeze(1);
        var both = zeros([r + 1, r], float64, factor.device);
        foreach (var (start, count) in RowBlocks.Of(numbers.shape[0], r))
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var rows = factor.index_select(0, numbers.narrow(0, start, count));
            both.narrow(0, 0, r).add_(rows.t().matmul(rows));
            both[r].add_(rows.sum(dim: 0));
        }
        Sum(both);
        return (both.narrow(0, 0, r).MoveToOuterDisposeScope(), both[r].MoveToOuterDisposeScope());
    }

    private Tensor Sum(Tensor own)
    {
        shards?.Sum(own);
        return own;
    }

    // P + D of a matrix, or I + F' D^(-1) F of a factor, a block of rows at a time.
    private Tensor Inner(Tensor diagonal)
    {
        using var scope = NewDisposeScope();
        if (factor is null)
        {
            work!.copy_(matrix!);
            work.diagonal().add_(diagonal);
            return work;
        }
        var sum = eye(factor.shape[1], dtype: float64, device: factor.device);
        if (shards is { Start: > 0 })
        {
            sum.zero_(); // the first process's is enough
        }
        var scale = diagonal.rsqrt().unsqueeze(1);
        scale = shards?.OwnPart(scale) ?? scale;
        foreach (var (start, count) in RowBlocks.Of(factor.shape[0], factor.shape[1]))
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var rows = factor.narrow(0, start, count) * scale.narrow(0, start, count);
            sum.add_(rows.t().matmul(rows));
        }
        return Sum(sum).MoveToOuterDisposeScope();
    }
}
