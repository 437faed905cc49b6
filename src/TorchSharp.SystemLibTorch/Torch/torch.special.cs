namespace TorchSharp;

public static partial class torch
{
    public static class special
    {
        public static Tensor digamma(Tensor input) => input.digamma();

        /// <summary>-x ln x, and 0 at 0.</summary>
        public static Tensor entr(Tensor input) => Aten.special_entr.Invoke(input);

        public static Tensor erf(Tensor input) => input.erf();

        public static Tensor erfc(Tensor input) => input.erfc();

        public static Tensor erfinv(Tensor input) => input.erfinv();

        public static Tensor expit(Tensor input) => input.sigmoid();

        public static Tensor expm1(Tensor input) => input.expm1();

        public static Tensor gammaln(Tensor input) => input.lgamma();

        public static Tensor logit(Tensor input) => input.logit();

        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) =>
            input.log_softmax(dim, dtype);

        /// <summary>The distribution function of the standard normal.</summary>
        public static Tensor ndtr(Tensor input) => Aten.special_ndtr.Invoke(input);

        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

        public static Tensor xlog1py(Tensor input, Tensor other) => Aten.special_xlog1py.Invoke(input, other);
    }
}
