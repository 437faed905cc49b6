namespace TorchSharp;

public static partial class torch
{
    public static class linalg
    {
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        public static Tensor cholesky(Tensor input) => Aten.linalg_cholesky.Invoke(input);

        public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false) =>
            Aten.linalg_cholesky_ex.InvokePair(input, false, check_errors);

        public static (Tensor, Tensor) slogdet(Tensor input) => Aten.linalg_slogdet.InvokePair(input);

        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') =>
            Aten.linalg_eigh.InvokePair(input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') =>
            Aten.linalg_eigvalsh.Invoke(input, UPLO.ToString());

        public static Tensor inv(Tensor input) => Aten.linalg_inv.Invoke(input);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(
            Tensor input,
            Tensor other
        ) => Aten.linalg_lstsq.InvokeQuadruple(input, other);

        public static Tensor matrix_rank(
            Tensor input,
            double? atol = null,
            double? rtol = null,
            bool hermitian = false
        ) => Aten.linalg_matrix_rank_atol_rtol_float.Invoke(input, atol, rtol, hermitian);

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Aten.linalg_norm_ord_str.Invoke(input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Aten.linalg_norm.Invoke(input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            Aten.linalg_norm.Invoke(input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Aten.linalg_norm.Invoke(input, Argument.None, dims, keepdim);

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.linalg_pinv_atol_rtol_float.Invoke(input, atol, rtol, hermitian);

        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
            Aten.linalg_qr.InvokePair(
                input,
                mode == QRMode.R ? "r"
                    : mode == QRMode.Complete ? "complete"
                    : "reduced"
            );

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.linalg_solve.Invoke(A, B, left);

        public static Tensor solve_triangular(
            Tensor A,
            Tensor B,
            bool upper,
            bool left = true,
            bool unitriangular = false,
            Tensor? @out = null
        ) =>
            @out is null
                ? Aten.linalg_solve_triangular.Invoke(A, B, upper, left, unitriangular)
                : Aten.linalg_solve_triangular_out.InvokeInto(@out, A, B, upper, left, unitriangular, @out);

        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Aten.linalg_svd.InvokeTriple(input, fullMatrices);

        public static Tensor svdvals(Tensor input) => Aten.linalg_svdvals.Invoke(input);
    }
}
