namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
            Aten.addmm.Invoke(this, mat1, mat2, beta, alpha);

        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
            Aten.addmv_.Update(this, mat, vec, beta, alpha);

        public Tensor cholesky_solve(Tensor input2, bool upper = false) =>
            Aten.cholesky_solve.Invoke(this, input2, upper);

        public Tensor dot(Tensor target) => Aten.dot.Invoke(this, target);

        public Tensor matmul(Tensor target) => Aten.matmul.Invoke(this, target);

        public Tensor mv(Tensor target) => Aten.mv.Invoke(this, target);

        public Tensor trace() => Aten.trace.Invoke(this);
    }
}
