namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor atleast_1d() => Aten.atleast_1d.Invoke(this);

        public Tensor atleast_2d() => Aten.atleast_2d.Invoke(this);

        public Tensor atleast_3d() => Aten.atleast_3d.Invoke(this);

        public Tensor broadcast_to(params long[] shape) => Aten.broadcast_to.Invoke(this, shape);

        public Tensor[] chunk(long chunks, long dim = 0) => Aten.chunk.InvokeList(this, chunks, dim);

        public Tensor contiguous() => Aten.contiguous.Invoke(this);

        public Tensor diag(long diagonal = 0) => Aten.diag.Invoke(this, diagonal);

        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) =>
            Aten.diag_embed.Invoke(this, offset, dim1, dim2);

        public Tensor diagflat(long offset = 0) => Aten.diagflat.Invoke(this, offset);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Aten.diagonal.Invoke(this, offset, dim1, dim2);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.expand.Invoke(this, sizes, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            Aten.expand.Invoke(this, sizes, isImplicit);

        public Tensor expand(params long[] sizes) => Aten.expand.Invoke(this, sizes);

        public Tensor expand_as(Tensor other) => Aten.expand_as.Invoke(this, other);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) =>
            Aten.flatten_using_ints.Invoke(this, start_dim, end_dim);

        public Tensor flip(params long[] dims) => Aten.flip.Invoke(this, dims);

        public Tensor fliplr() => Aten.fliplr.Invoke(this);

        public Tensor flipud() => Aten.flipud.Invoke(this);

        public Tensor movedim(long[] source, long[] destination) =>
            Aten.movedim_intlist.Invoke(this, source, destination);

        public Tensor moveaxis(long[] source, long[] destination) =>
            Aten.moveaxis_intlist.Invoke(this, source, destination);

        public Tensor narrow(long dim, long start, long length) => Aten.narrow.Invoke(this, dim, start, length);

        public Tensor permute(params long[] permutation) => Aten.permute.Invoke(this, permutation);

        public Tensor ravel() => Aten.ravel.Invoke(this);

        public Tensor repeat(params long[] sizes) => Aten.repeat.Invoke(this, sizes);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Aten.repeat_interleave_self_int.Invoke(this, repeats, dim, output_size);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Aten.repeat_interleave_self_Tensor.Invoke(this, repeats, dim, output_size);

        public Tensor reshape(params long[] shape) => Aten.reshape.Invoke(this, shape);

        public Tensor roll(long[] shifts) => Aten.roll.Invoke(this, shifts);

        public Tensor roll(long[] shifts, long[] dims) => Aten.roll.Invoke(this, shifts, dims);

        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
            Aten.roll.Invoke(this, shifts, dims);

        public Tensor select(long dim, long index) => Aten.select_int.Invoke(this, dim, index);

        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.InvokeList(this, size, dim);

        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_sizes.InvokeList(this, sizes, dim);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Aten.split_sizes.InvokeList(this, sizes, dim);

        public Tensor[] split(params long[] sizes) => Aten.split_sizes.InvokeList(this, sizes);

        public Tensor swapaxes(long dim0, long dim1) => Aten.swapaxes.Invoke(this, dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => Aten.swapdims.Invoke(this, dim0, dim1);

        public Tensor t() => Aten.t.Invoke(this);

        public Tensor[] tensor_split(long size, long dim = 0) => Aten.tensor_split_sections.InvokeList(this, size, dim);

        public Tensor[] tensor_split(long[] sizes, long dim = 0) =>
            Aten.tensor_split_indices.InvokeList(this, sizes, dim);

        public Tensor[] tensor_split(Tensor indices, long dim = 0) =>
            Aten.tensor_split_tensor_indices_or_sections.InvokeList(this, indices, dim);

        public Tensor tile(long[] reps) => Aten.tile.Invoke(this, reps);

        public Tensor transpose(long dim0, long dim1) => Aten.transpose_int.Invoke(this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => Aten.transpose_.Update(this, dim0, dim1);

        public Tensor tril(long diagonal = 0) => Aten.tril.Invoke(this, diagonal);

        public Tensor tril_(long diagonal = 0) => Aten.tril_.Update(this, diagonal);

        public Tensor triu(long diagonal = 0) => Aten.triu.Invoke(this, diagonal);

        public Tensor triu_(long diagonal = 0) => Aten.triu_.Update(this, diagonal);

        public Tensor[] unbind(long dimension = 0) => Aten.unbind_int.InvokeList(this, dimension);

        public Tensor unflatten(long dim, params long[] sizes) => Aten.unflatten_int.Invoke(this, dim, sizes);

        public Tensor unfold(long dimension, long size, long step) => Aten.unfold.Invoke(this, dimension, size, step);

        public Tensor unsqueeze(long dim) => Aten.unsqueeze.Invoke(this, dim);

        public Tensor unsqueeze_(long dim) => Aten.unsqueeze_.Update(this, dim);

        public Tensor view(params long[] shape) => Aten.view.Invoke(this, shape);

        public Tensor view_as(Tensor other) => Aten.view_as.Invoke(this, other);

        public Tensor[] hsplit(long size) => Aten.hsplit_int.InvokeList(this, size);

        public Tensor[] hsplit(params long[] sizes) => Aten.hsplit_array.InvokeList(this, sizes);

        public Tensor[] vsplit(long size) => Aten.vsplit_int.InvokeList(this, size);

        public Tensor[] vsplit(params long[] sizes) => Aten.vsplit_array.InvokeList(this, sizes);

        public Tensor[] dsplit(long size) => Aten.dsplit_int.InvokeList(this, size);

        public Tensor[] dsplit(params long[] sizes) => Aten.dsplit_array.InvokeList(this, sizes);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) =>
            Aten.as_strided.Invoke(this, size, strides, storageOffset);

        public Tensor alias() => Aten.alias.Invoke(this);

        public Tensor clone() => Aten.clone.Invoke(this);

        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        public Tensor roll(long shifts, long? dims = null) =>
            dims is { } along ? roll([shifts], [along]) : roll(new[] { shifts });

        public Tensor roll((long, long) shifts, (long, long) dims) =>
            roll([shifts.Item1, shifts.Item2], [dims.Item1, dims.Item2]);

        public Tensor rot90(long k = 1, (long, long)? dims = null)
        {
            var (from, to) = dims ?? (0, 1);
            return Aten.rot90.Invoke(this, k, new[] { from, to });
        }

        public Tensor squeeze(long? dim = null) =>
            dim is { } along ? Aten.squeeze_dim.Invoke(this, along) : Aten.squeeze.Invoke(this);

        public Tensor squeeze_(long? dim = null) =>
            dim is { } along ? Aten.squeeze__dim.Update(this, along) : Aten.squeeze_.Update(this);

        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Aten.slice_Tensor.Invoke(this, dim, start, finish, step);
    }
}
