namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Scalar target) => Aten.eq_Scalar.Invoke(this, target);

        public Tensor eq(Tensor target) => Aten.eq_Tensor.Invoke(this, target);

        public Tensor ne(Tensor target) => Aten.ne_Tensor.Invoke(this, target);

        public Tensor lt(Scalar target) => Aten.lt_Scalar.Invoke(this, target);

        public Tensor le(Scalar target) => Aten.le_Scalar.Invoke(this, target);

        public Tensor gt(Scalar target) => Aten.gt_Scalar.Invoke(this, target);

        public Tensor gt(Tensor target) => Aten.gt_Tensor.Invoke(this, target);

        public Tensor ge(Scalar target) => Aten.ge_Scalar.Invoke(this, target);

        public Tensor ge(Tensor target) => Aten.ge_Tensor.Invoke(this, target);

        public Tensor minimum(Tensor other) => Aten.minimum.Invoke(this, other);

        /// <summary>A tensor of one truth value: same shape and elements.</summary>
        public Tensor equal(Tensor target) => Aten.equal.InvokeBool(this, target);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Aten.allclose.InvokeBool(this, target, rtol, atol, equal_nan);
    }
}
