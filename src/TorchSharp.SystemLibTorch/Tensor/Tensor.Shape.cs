namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor contiguous() => Aten.contiguous.Invoke(this);

        public Tensor diag(long diagonal = 0) => Aten.diag.Invoke(this, diagonal);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Aten.diagonal.Invoke(this, offset, dim1, dim2);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            Aten.expand.Invoke(this, sizes, isImplicit);

        public Tensor expand(params long[] sizes) => Aten.expand.Invoke(this, sizes);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) =>
            Aten.flatten_using_ints.Invoke(this, start_dim, end_dim);

        public Tensor flip(params long[] dims) => Aten.flip.Invoke(this, dims);

        public Tensor narrow(long dim, long start, long length) => Aten.narrow.Invoke(this, dim, start, length);

        public Tensor permute(params long[] permutation) => Aten.permute.Invoke(this, permutation);

        public Tensor repeat(params long[] sizes) => Aten.repeat.Invoke(this, sizes);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Aten.repeat_interleave_self_int.Invoke(this, repeats, dim, output_size);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Aten.repeat_interleave_self_Tensor.Invoke(this, repeats, dim, output_size);

        public Tensor reshape(params long[] shape) => Aten.reshape.Invoke(this, shape);

        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
            Aten.roll.Invoke(this, shifts, dims);

        public Tensor select(long dim, long index) => Aten.select_int.Invoke(this, dim, index);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Aten.split_sizes.InvokeList(this, sizes, dim);

        public Tensor t() => Aten.t.Invoke(this);

        public Tensor[] unbind(long dimension = 0) => Aten.unbind_int.InvokeList(this, dimension);

        public Tensor unflatten(long dim, params long[] sizes) => Aten.unflatten_int.Invoke(this, dim, sizes);

        public Tensor unsqueeze(long dim) => Aten.unsqueeze.Invoke(this, dim);

        public Tensor view(params long[] shape) => Aten.view.Invoke(this, shape);

        public Tensor alias() => Aten.alias.Invoke(this);

        public Tensor clone() => Aten.clone.Invoke(this);

        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor roll(long shifts, long? dims = null) =>
            dims is { } along ? roll([shifts], [along]) : roll(new[] { shifts });

        public Tensor squeeze(long? dim = null) =>
            dim is { } along ? Aten.squeeze_dim.Invoke(this, along) : Aten.squeeze.Invoke(this);

        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Aten.slice_Tensor.Invoke(this, dim, start, finish, step);
    }
}
