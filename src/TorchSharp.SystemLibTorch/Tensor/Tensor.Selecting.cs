namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Aten.gather.Invoke(this, dim, index);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.index_add_.Update(this, dim, index, source, alpha);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) =>
            Aten.index_copy_.Update(this, dim, index, source);

        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Invoke(this, dim, index);

        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.masked_fill_Scalar.Invoke(this, mask, value);

        public Tensor masked_select(Tensor mask) => Aten.masked_select.Invoke(this, mask);

        public Tensor nonzero() => Aten.nonzero.Invoke(this);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter__src.Update(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Aten.scatter_add_.Update(this, dim, index, src);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.Update(this, source, nonBlocking);

        public Tensor fill_(Scalar value) => Aten.fill__Scalar.Update(this, value);

        /// <summary>This tensor's elements where the condition holds, the other's elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Aten.where_self.Invoke(condition, this, y);
    }
}
