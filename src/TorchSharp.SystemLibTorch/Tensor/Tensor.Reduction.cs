namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor all() => Aten.all.Invoke(this);

        public Tensor any() => Aten.any.Invoke(this);

        public Tensor argmax() => Aten.argmax.Invoke(this);

        public Tensor argmax(long dim, bool keepdim = false) => Aten.argmax.Invoke(this, dim, keepdim);

        public Tensor argmin(long dim, bool keepdim = false) => Aten.argmin.Invoke(this, dim, keepdim);

        public Tensor bincount(Tensor? weights, long minlength = 0) => Aten.bincount.Invoke(this, weights, minlength);

        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.cumsum.Invoke(this, dim, type);

        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.logsumexp.Invoke(this, dim, keepdim);

        public Tensor max() => Aten.max.Invoke(this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Aten.max_dim.InvokePair(this, dim, keepdim);

        public Tensor min() => Aten.min.Invoke(this);

        public Tensor mean() => Aten.mean.Invoke(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Aten.mean_dim.Invoke(this, dimensions, keepdim, type);

        public Tensor median() => Aten.median.Invoke(this);

        public (Tensor values, Tensor indices) mode(long dim = -1, bool keepdim = false) =>
            Aten.mode.InvokePair(this, dim, keepdim);

        public Tensor norm(int dim, bool keepdim = false, float p = 2f) =>
            Aten.norm_ScalarOpt_dim.Invoke(this, p, dim, keepdim);

        public Tensor norm(float p = 2f) => Aten.norm_Scalar.Invoke(this, p);

        public Tensor std(bool unbiased = true) => Aten.std.Invoke(this, unbiased);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Aten.sum_dim_IntList.Invoke(this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Aten.sum_dim_IntList.Invoke(this, dim, keepdim, type);

        public Tensor sum(ScalarType? type = null) => Aten.sum.Invoke(this, type);

        public Tensor var(bool unbiased = true) => Aten.var.Invoke(this, unbiased);

        public Tensor argsort(long dim = -1, bool descending = false) => Aten.argsort.Invoke(this, dim, descending);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Aten.sort_stable.InvokePair(this, stable, dim, descending);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Aten.topk.InvokePair(this, k, dim, largest, sorted);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null
                ? Aten.amax.Invoke(this, dims, keepdim)
                : Aten.amax_out.InvokeInto(@out, this, dims, keepdim, @out);

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null
                ? Aten.amin.Invoke(this, dims, keepdim)
                : Aten.amin_out.InvokeInto(@out, this, dims, keepdim, @out);

        public Tensor std(
            ReadOnlySpan<long> dimensions,
            bool unbiased = true,
            bool keepdim = false,
            ScalarType? type = null
        ) => Cast(Aten.std_dim.Invoke(this, dimensions, unbiased, keepdim), type);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(dimensions.AsSpan(), unbiased, keepdim, type);

        public Tensor var(
            ReadOnlySpan<long> dimensions,
            bool unbiased = true,
            bool keepdim = false,
            ScalarType? type = null
        ) => Cast(Aten.var_dim.Invoke(this, dimensions, unbiased, keepdim), type);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim], unbiased, keepdim, type);

        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim.Item1, dim.Item2], unbiased, keepdim, type);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true,
            bool return_inverse = false,
            bool return_counts = false,
            int? dim = null
        )
        {
            var (output, inverse, counts) = dim is { } along
                ? Aten.unique_dim.InvokeTriple(this, along, sorted, return_inverse, return_counts)
                : Aten._unique2.InvokeTriple(this, sorted, return_inverse, return_counts);
            return (output, Wanted(inverse, return_inverse), Wanted(counts, return_counts));
        }

        /// <summary>libtorch fills the places of results that were not asked for with empty tensors.</summary>
        private static Tensor? Wanted(Tensor result, bool wanted)
        {
            if (wanted)
                return result;
            result.Dispose();
            return null;
        }

        private static Tensor Cast(Tensor result, ScalarType? type) =>
            type is { } wanted && wanted != result.dtype ? result.to_type(wanted, disposeAfter: true) : result;
    }
}
