namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Aten.gather.Invoke(this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.index_add.Invoke(this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Aten.index_add_.Update(this, dim, index, source, alpha);

        public Tensor index_copy(long dim, Tensor index, Tensor source) =>
            Aten.index_copy.Invoke(this, dim, index, source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) =>
            Aten.index_copy_.Update(this, dim, index, source);

        public Tensor index_fill(long dim, Tensor index, Scalar value) =>
            Aten.index_fill_int_Scalar.Invoke(this, dim, index, value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            Aten.index_fill__int_Scalar.Update(this, dim, index, value);

        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Invoke(this, dim, index);

        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.masked_fill_Scalar.Invoke(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Aten.masked_fill__Scalar.Update(this, mask, value);

        public Tensor masked_scatter(Tensor mask, Tensor value) => Aten.masked_scatter.Invoke(this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) => Aten.masked_scatter_.Update(this, mask, value);

        public Tensor masked_select(Tensor mask) => Aten.masked_select.Invoke(this, mask);

        public Tensor nonzero() => Aten.nonzero.Invoke(this);

        public Tensor argwhere() => Aten.argwhere.Invoke(this);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.Invoke(this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter__src.Update(this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.Invoke(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Aten.scatter_add_.Update(this, dim, index, src);

        public Tensor select_scatter(Tensor src, long dim, long index) =>
            Aten.select_scatter.Invoke(this, src, dim, index);

        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
            Aten.slice_scatter.Invoke(this, src, dim, start, end, step);

        public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Aten.diagonal_scatter.Invoke(this, src, offset, dim1, dim2);

        public Tensor take(Tensor index) => Aten.take.Invoke(this, index);

        public Tensor take_along_dim(Tensor indices) => Aten.take_along_dim.Invoke(this, indices);

        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Invoke(this, indices, dim);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.Update(this, source, nonBlocking);

        public Tensor fill_(Scalar value) => Aten.fill__Scalar.Update(this, value);

        public Tensor zero_() => Aten.zero_.Update(this);

        /// <summary>This tensor's elements where the condition holds, the other's elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Aten.where_self.Invoke(condition, this, y);

        public IList<Tensor> nonzero_as_list() => Aten.nonzero_numpy.InvokeList(this);

        public Tensor take_along_dim(IEnumerable<long> indices)
        {
            using var index = torch.tensor(indices.ToArray(), device: device);
            return take_along_dim(index);
        }

        public Tensor take_along_dim(IEnumerable<long> indices, long dim)
        {
            using var index = torch.tensor(indices.ToArray(), device: device);
            return take_along_dim(index, dim);
        }
    }
}
