namespace TorchSharp;

public static partial class torch
{
    public static class special
    {
        public static Tensor erf(Tensor input) => input.erf();

        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
    }
}
