namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.cat.Invoke(tensors, dim);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => Aten.cat.Invoke(tensors.ToArray(), dim);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.cat.Invoke(tensors.ToArray(), dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.stack.Invoke(tensors.ToArray(), dim);

    public static Tensor vstack(Tensor[] tensors) => Aten.vstack.Invoke(tensors);

    public static Tensor vstack(IList<Tensor> tensors) => Aten.vstack.Invoke(tensors.ToArray());

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.where_self.Invoke(condition, x, y);

    public static Tensor[] where(Tensor condition) => Aten.where.InvokeList(condition);

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

    public static Tensor norm(Tensor input) => input.norm();
}
