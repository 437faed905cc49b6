using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>libtorch's operators over whole lists of tensors: one call a list instead of one a tensor.</summary>
internal static class Foreach
{
    private static readonly Operator NegOp = new("aten::_foreach_neg");
    private static readonly Operator AddListOp = new("aten::_foreach_add", "List");
    private static readonly Operator AddListInPlaceOp = new("aten::_foreach_add_", "List");
    private static readonly Operator AddScalarInPlaceOp = new("aten::_foreach_add_", "Scalar");
    private static readonly Operator MulInPlaceOp = new("aten::_foreach_mul_", "Scalar");
    private static readonly Operator DivScalarsInPlaceOp = new("aten::_foreach_div_", "ScalarList");
    private static readonly Operator AddcmulOp = new("aten::_foreach_addcmul", "Scalar");
    private static readonly Operator AddcmulInPlaceOp = new("aten::_foreach_addcmul_", "Scalar");
    private static readonly Operator AddcdivInPlaceOp = new("aten::_foreach_addcdiv_", "Scalar");
    private static readonly Operator AddcdivScalarsInPlaceOp = new("aten::_foreach_addcdiv_", "ScalarList");
    private static readonly Operator SqrtOp = new("aten::_foreach_sqrt");
    private static readonly Operator SqrtInPlaceOp = new("aten::_foreach_sqrt_");
    private static readonly Operator MaximumInPlaceOp = new("aten::maximum", "out");
    private static readonly Operator ZeroInPlaceOp = new("aten::_foreach_zero_");

    internal static Tensor[] Negate(Tensor[] tensors) => NegOp.InvokeList(tensors);

    /// <summary>tensors + scale others, as new tensors.</summary>
    internal static Tensor[] Add(Tensor[] tensors, Tensor[] others, double scale) =>
        AddListOp.InvokeList(tensors, others, scale);

    internal static void AddInPlace(Tensor[] tensors, Tensor[] others, double scale) =>
        AddListInPlaceOp.InvokeVoid(tensors, others, scale);

    internal static void AddInPlace(Tensor[] tensors, double value) => AddScalarInPlaceOp.InvokeVoid(tensors, value);

    internal static void MultiplyInPlace(Tensor[] tensors, double factor) => MulInPlaceOp.InvokeVoid(tensors, factor);

    internal static void DivideInPlace(Tensor[] tensors, double[] divisors) =>
        DivScalarsInPlaceOp.InvokeVoid(tensors, divisors);

    /// <summary>tensors + scale left right, as new tensors.</summary>
    internal static Tensor[] AddProducts(Tensor[] tensors, Tensor[] left, Tensor[] right, double scale) =>
        AddcmulOp.InvokeList(tensors, left, right, scale);

    internal static void AddProductsInPlace(Tensor[] tensors, Tensor[] left, Tensor[] right, double scale) =>
        AddcmulInPlaceOp.InvokeVoid(tensors, left, right, scale);

    internal static void AddQuotientsInPlace(Tensor[] tensors, Tensor[] dividends, Tensor[] divisors, double scale) =>
        AddcdivInPlaceOp.InvokeVoid(tensors, dividends, divisors, scale);

    internal static void AddQuotientsInPlace(
        Tensor[] tensors,
        Tensor[] dividends,
        Tensor[] divisors,
        double[] scales
    ) => AddcdivScalarsInPlaceOp.InvokeVoid(tensors, dividends, divisors, scales);

    internal static Tensor[] SquareRoots(Tensor[] tensors) => SqrtOp.InvokeList(tensors);

    internal static void SquareRootsInPlace(Tensor[] tensors) => SqrtInPlaceOp.InvokeVoid(tensors);

    internal static void MaximumInPlace(Tensor[] tensors, Tensor[] others)
    {
        for (var position = 0; position < tensors.Length; position++)
        {
            MaximumInPlaceOp.Invoke(tensors[position], others[position], tensors[position]).Dispose();
        }
    }

    internal static void ZeroInPlace(Tensor[] tensors) => ZeroInPlaceOp.InvokeVoid(tensors);
}
