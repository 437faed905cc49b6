namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Aten.addbmm.Invoke(this, batch1, batch2, beta, alpha);

        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Aten.addbmm_.Update(this, batch1, batch2, beta, alpha);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
            Aten.addmm.Invoke(this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
            Aten.addmm_.Update(this, mat1, mat2, beta, alpha);

        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
            Aten.addmv.Invoke(this, mat, vec, beta, alpha);

        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
            Aten.addmv_.Update(this, mat, vec, beta, alpha);

        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
            Aten.addr.Invoke(this, vec1, vec2, beta, alpha);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Aten.baddbmm.Invoke(this, batch1, batch2, beta, alpha);

        public Tensor bmm(Tensor batch2) => Aten.bmm.Invoke(this, batch2);

        public Tensor cholesky_inverse(bool upper = false) => Aten.cholesky_inverse.Invoke(this, upper);

        public Tensor cholesky_solve(Tensor input2, bool upper = false) =>
            Aten.cholesky_solve.Invoke(this, input2, upper);

        public Tensor det() => Aten.det.Invoke(this);

        public Tensor dot(Tensor target) => Aten.dot.Invoke(this, target);

        public Tensor ger(Tensor vec2) => Aten.ger.Invoke(this, vec2);

        public Tensor inner(Tensor vec2) => Aten.inner.Invoke(this, vec2);

        public Tensor inverse() => Aten.inverse.Invoke(this);

        public Tensor kron(Tensor other) => Aten.kron.Invoke(this, other);

        public Tensor logdet() => Aten.logdet.Invoke(this);

        public Tensor matmul(Tensor target) => Aten.matmul.Invoke(this, target);

        public Tensor matrix_exp() => Aten.matrix_exp.Invoke(this);

        public Tensor matrix_power(int n) => Aten.matrix_power.Invoke(this, n);

        public Tensor mm(Tensor target) => Aten.mm.Invoke(this, target);

        public Tensor mv(Tensor target) => Aten.mv.Invoke(this, target);

        public Tensor outer(Tensor vec2) => Aten.outer.Invoke(this, vec2);

        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Aten.tensordot.Invoke(this, b, dims1, dims2);

        public Tensor trace() => Aten.trace.Invoke(this);

        public Tensor vdot(Tensor target) => Aten.vdot.Invoke(this, target);

        public Tensor renorm(float p, long dim, float maxnorm) => Aten.renorm.Invoke(this, p, dim, maxnorm);

        public Tensor vander(long N = -1, bool increasing = false) => Aten.vander.Invoke(this, N, increasing);

        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) =>
            Aten.linalg_pinv.Invoke(this, rcond, hermitian);

        public Tensor tensordot(Tensor b, long dims = 2)
        {
            var ours = new long[dims];
            var theirs = new long[dims];
            for (var i = 0; i < dims; i++)
            {
                ours[i] = Dimensions - dims + i;
                theirs[i] = i;
            }
            return tensordot(b, ours, theirs);
        }

        public Tensor tensordot(Tensor b, (long, long)[] dims) =>
            tensordot(b, dims.Select(pair => pair.Item1).ToArray(), dims.Select(pair => pair.Item2).ToArray());
    }
}
