namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.cat.Invoke(tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Aten.cat.Invoke(tensors.ToArray(), dim);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.cat.Invoke(tensors.ToArray(), dim);

    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.stack.Invoke(tensors.ToArray(), dim);

    public static Tensor hstack(params Tensor[] tensors) => Aten.hstack.Invoke(tensors);

    public static Tensor hstack(IList<Tensor> tensors) => Aten.hstack.Invoke(tensors.ToArray());

    public static Tensor vstack(Tensor[] tensors) => Aten.vstack.Invoke(tensors);

    public static Tensor vstack(IList<Tensor> tensors) => Aten.vstack.Invoke(tensors.ToArray());

    public static Tensor column_stack(params Tensor[] tensors) => Aten.column_stack.Invoke(tensors);

    public static Tensor block_diag(params Tensor[] tensors) => Aten.block_diag.Invoke(tensors);

    public static Tensor cartesian_prod(params Tensor[] tensors) => Aten.cartesian_prod.Invoke(tensors);

    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) =>
        Aten.broadcast_tensors.InvokeList(tensors);

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        Aten.meshgrid_indexing.InvokeList(tensors.ToArray(), indexing);

    public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) =>
        Aten.combinations.Invoke(input, r, with_replacement);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.where_self.Invoke(condition, x, y);

    public static Tensor[] where(Tensor condition) => Aten.where.InvokeList(condition);

    public static Tensor[] unbind(Tensor input, long dim = 0) => input.unbind(dim);

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor einsum(string equation, params Tensor[] tensors) => Aten.einsum.Invoke(equation, tensors);

    /// <summary>The distances between the rows of two matrices.</summary>
    public static Tensor cdist(
        Tensor x1,
        Tensor x2,
        double p = 2,
        compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary
    ) => Aten.cdist.Invoke(x1, x2, p, (long)compute_mode);

    public static Tensor searchsorted(
        Tensor sorted_sequence,
        Tensor values,
        bool out_int32 = false,
        bool right = false,
        Tensor sorter = null!
    ) => Aten.searchsorted_Tensor.Invoke(sorted_sequence, values, out_int32, right, Argument.None, sorter);

    public static Tensor moveaxis(Tensor input, long source, long destination) =>
        input.moveaxis([source], [destination]);

    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static Tensor norm(Tensor input) => input.norm();

    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) =>
        Aten.gather.Invoke(input, dim, index, sparse_grad);
}
