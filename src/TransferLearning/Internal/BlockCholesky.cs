using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// The Cholesky factorization of a large matrix in its own place, block by block: nothing of its size is allocated.
/// </summary>
/// <remarks>
/// A copy for each factorization costs more than itself: the C library keeps freed matrices of up to 32 MiB in a heap
/// that small tensors split, so that the next copy finds no room there.
/// </remarks>
internal static class BlockCholesky
{
    private const long Size = 256;

    /// <summary>
    /// Replaces the lower triangle of a positive definite matrix A <c>[n, n]</c> by L with <c>A = L L'</c>; what stands
    /// above it loses its meaning.
    /// </summary>
    public static void Factor(Tensor matrix, CancellationToken cancellation)
    {
        var n = matrix.shape[0];
        for (long start = 0; start < n; start += Size)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (end, diagonal) = (Math.Min(start + Size, n), Part(matrix, start, start));
            diagonal.copy_(linalg.cholesky(diagonal));
            if (end == n)
            {
                return;
            }
            var below = matrix.narrow(0, end, n - end).narrow(1, start, end - start);
            below.copy_(linalg.solve_triangular(diagonal.t(), below, upper: true, left: false));
            for (var column = end; column < n; column += Size)
            {
                Canceling.Check();
                var (rows, width) = (below.narrow(0, column - end, n - column), Math.Min(Size, n - column));
                matrix
                    .narrow(0, column, n - column)
                    .narrow(1, column, width)
                    .addmm_(rows, rows.narrow(0, 0, width).t(), beta: 1, alpha: -1);
            }
        }
    }

    /// <summary>Solves <c>L L' x = right</c>, <c>[n]</c>; x belongs to the caller's scope.</summary>
    public static Tensor Solve(Tensor factor, Tensor right)
    {
        using var scope = NewDisposeScope();
        var (n, x) = (factor.shape[0], right.clone());
        void Divide(Tensor triangle, Tensor part, bool isUpper) =>
            part.copy_(linalg.solve_triangular(triangle, part.unsqueeze(1), upper: isUpper).squeeze(1));
        for (long start = 0; start < n; start += Size)
        {
            Canceling.Check();
            var end = Math.Min(start + Size, n);
            var known = x.narrow(0, start, end - start);
            Divide(Part(factor, start, start), known, isUpper: false);
            if (end < n)
            {
                var below = factor.narrow(0, end, n - end).narrow(1, start, end - start);
                x.narrow(0, end, n - end).addmv_(below, known, beta: 1, alpha: -1);
            }
        }
        for (var start = (n - 1) / Size * Size; start >= 0; start -= Size)
        {
            Canceling.Check();
            var end = Math.Min(start + Size, n);
            var open = x.narrow(0, start, end - start);
            if (end < n)
            {
                var below = factor.narrow(0, end, n - end).narrow(1, start, end - start);
                open.addmv_(below.t(), x.narrow(0, end, n - end), beta: 1, alpha: -1);
            }
            Divide(Part(factor, start, start).t(), open, isUpper: true);
        }
        return x.MoveToOuterDisposeScope();
    }

    private static Tensor Part(Tensor matrix, long row, long column) =>
        matrix
            .narrow(0, row, Math.Min(Size, matrix.shape[0] - row))
            .narrow(1, column, Math.Min(Size, matrix.shape[0] - column));
}
