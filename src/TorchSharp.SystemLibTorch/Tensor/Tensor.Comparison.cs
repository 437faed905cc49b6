namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Scalar target) => Aten.eq_Scalar.Invoke(this, target);

        public Tensor eq(Tensor target) => Aten.eq_Tensor.Invoke(this, target);

        public Tensor eq_(Scalar target) => Aten.eq__Scalar.Update(this, target);

        public Tensor eq_(Tensor target) => Aten.eq__Tensor.Update(this, target);

        public Tensor ne(Scalar target) => Aten.ne_Scalar.Invoke(this, target);

        public Tensor ne(Tensor target) => Aten.ne_Tensor.Invoke(this, target);

        public Tensor ne_(Scalar target) => Aten.ne__Scalar.Update(this, target);

        public Tensor ne_(Tensor target) => Aten.ne__Tensor.Update(this, target);

        public Tensor lt(Scalar target) => Aten.lt_Scalar.Invoke(this, target);

        public Tensor lt(Tensor target) => Aten.lt_Tensor.Invoke(this, target);

        public Tensor lt_(Scalar target) => Aten.lt__Scalar.Update(this, target);

        public Tensor lt_(Tensor target) => Aten.lt__Tensor.Update(this, target);

        public Tensor le(Scalar target) => Aten.le_Scalar.Invoke(this, target);

        public Tensor le(Tensor target) => Aten.le_Tensor.Invoke(this, target);

        public Tensor le_(Scalar target) => Aten.le__Scalar.Update(this, target);

        public Tensor le_(Tensor target) => Aten.le__Tensor.Update(this, target);

        public Tensor gt(Scalar target) => Aten.gt_Scalar.Invoke(this, target);

        public Tensor gt(Tensor target) => Aten.gt_Tensor.Invoke(this, target);

        public Tensor gt_(Scalar target) => Aten.gt__Scalar.Update(this, target);

        public Tensor gt_(Tensor target) => Aten.gt__Tensor.Update(this, target);

        public Tensor ge(Scalar target) => Aten.ge_Scalar.Invoke(this, target);

        public Tensor ge(Tensor target) => Aten.ge_Tensor.Invoke(this, target);

        public Tensor ge_(Scalar target) => Aten.ge__Scalar.Update(this, target);

        public Tensor ge_(Tensor target) => Aten.ge__Tensor.Update(this, target);

        public Tensor greater(Tensor target) => Aten.greater_Tensor.Invoke(this, target);

        public Tensor greater_equal(Tensor target) => Aten.greater_equal_Tensor.Invoke(this, target);

        public Tensor less(Tensor target) => Aten.less_Tensor.Invoke(this, target);

        public Tensor less_equal(Tensor target) => Aten.less_equal_Tensor.Invoke(this, target);

        public Tensor not_equal(Tensor target) => Aten.not_equal_Tensor.Invoke(this, target);

        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) =>
            Aten.isclose.Invoke(this, other, rtol, atol, nanEqual);

        public Tensor maximum(Tensor other) => Aten.maximum.Invoke(this, other);

        public Tensor minimum(Tensor other) => Aten.minimum.Invoke(this, other);

        /// <summary>A tensor of one truth value: same shape and elements.</summary>
        public Tensor equal(Tensor target) => Aten.equal.InvokeBool(this, target);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Aten.allclose.InvokeBool(this, target, rtol, atol, equal_nan);

        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            Aten.isin_Tensor_Tensor.Invoke(this, test_elements, assumeUnique, invert);
    }
}
