namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Aten.abs.Invoke(this);

        public Tensor acos() => Aten.acos.Invoke(this);

        public Tensor add(Scalar scalar) => Aten.add_Scalar.Invoke(this, scalar);

        public Tensor add(Tensor target) => Aten.add_Tensor.Invoke(this, target);

        public Tensor add_(Scalar scalar) => Aten.add__Scalar.Update(this, scalar);

        public Tensor add_(Tensor target) => Aten.add__Tensor.Update(this, target);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcmul_.Update(this, tensor1, tensor2, value);

        public Tensor atan2(Tensor other) => Aten.atan2.Invoke(this, other);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Aten.clamp.Invoke(this, min, max);

        public Tensor clamp_min_(Scalar min) => Aten.clamp_min_.Update(this, min);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Aten.clamp_.Update(this, min, max);

        public Tensor clamp_max(Scalar max) => Aten.clamp_max.Invoke(this, max);

        public Tensor clamp_min(Scalar min) => Aten.clamp_min.Invoke(this, min);

        public Tensor cos() => Aten.cos.Invoke(this);

        public Tensor erf() => Aten.erf.Invoke(this);

        public Tensor exp() => Aten.exp.Invoke(this);

        public Tensor exp_() => Aten.exp_.Update(this);

        public Tensor lerp_(Tensor end, Tensor weight) => Aten.lerp__Tensor.Update(this, end, weight);

        public Tensor log() => Aten.log.Invoke(this);

        public Tensor log1p() => Aten.log1p.Invoke(this);

        public Tensor logical_and(Tensor other) => Aten.logical_and.Invoke(this, other);

        public Tensor logical_not() => Aten.logical_not.Invoke(this);

        public Tensor logical_or(Tensor other) => Aten.logical_or.Invoke(this, other);

        public Tensor logit(double? eps = null) => Aten.logit.Invoke(this, eps);

        public Tensor mul(Scalar target) => Aten.mul_Scalar.Invoke(this, target);

        public Tensor mul(Tensor target) => Aten.mul_Tensor.Invoke(this, target);

        public Tensor mul_(Scalar target) => Aten.mul__Scalar.Update(this, target);

        public Tensor mul_(Tensor target) => Aten.mul__Tensor.Update(this, target);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            Aten.nan_to_num.Invoke(this, nan, posinf, neginf);

        public Tensor neg() => Aten.neg.Invoke(this);

        public Tensor pow(Scalar exponent) => Aten.pow_Tensor_Scalar.Invoke(this, exponent);

        public Tensor reciprocal() => Aten.reciprocal.Invoke(this);

        public Tensor remainder(Scalar scalar) => Aten.remainder_Scalar.Invoke(this, scalar);

        public Tensor rsqrt() => Aten.rsqrt.Invoke(this);

        public Tensor sigmoid() => Aten.sigmoid.Invoke(this);

        public Tensor sign() => Aten.sign.Invoke(this);

        public Tensor sin() => Aten.sin.Invoke(this);

        public Tensor sqrt() => Aten.sqrt.Invoke(this);

        public Tensor sqrt_() => Aten.sqrt_.Update(this);

        public Tensor square() => Aten.square.Invoke(this);

        public Tensor sub_(Tensor target) => Aten.sub__Tensor.Update(this, target);

        public Tensor tanh() => Aten.tanh.Invoke(this);

        public Tensor isfinite() => Aten.isfinite.Invoke(this);

        public Tensor isnan() => Aten.isnan.Invoke(this);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None
                ? Aten.div_Tensor.Invoke(this, target)
                : Aten.div_Tensor_mode.Invoke(this, target, NameOf(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None
                ? Aten.div_Scalar.Invoke(this, target)
                : Aten.div_Scalar_mode.Invoke(this, target, NameOf(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None
                ? Aten.div__Tensor.Update(this, target)
                : Aten.div__Tensor_mode.Update(this, target, NameOf(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None
                ? Aten.div__Scalar.Update(this, target)
                : Aten.div__Scalar_mode.Update(this, target, NameOf(rounding_mode));

        public Tensor round(long decimals = 0) =>
            decimals == 0 ? Aten.round.Invoke(this) : Aten.round_decimals.Invoke(this, decimals);

        private static string NameOf(RoundingMode mode) => mode == RoundingMode.trunc ? "trunc" : "floor";
    }
}
