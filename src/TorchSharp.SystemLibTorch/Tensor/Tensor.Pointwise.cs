namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Aten.abs.Invoke(this);

        public Tensor abs_() => Aten.abs_.Update(this);

        public Tensor absolute() => Aten.absolute.Invoke(this);

        public Tensor acos() => Aten.acos.Invoke(this);

        public Tensor acos_() => Aten.acos_.Update(this);

        public Tensor acosh() => Aten.acosh.Invoke(this);

        public Tensor acosh_() => Aten.acosh_.Update(this);

        public Tensor add(Scalar scalar) => Aten.add_Scalar.Invoke(this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => Aten.add_Scalar.Invoke(this, scalar, alpha);

        public Tensor add(Tensor target) => Aten.add_Tensor.Invoke(this, target);

        public Tensor add(Tensor target, Scalar alpha) => Aten.add_Tensor.Invoke(this, target, alpha);

        public Tensor add_(Scalar scalar) => Aten.add__Scalar.Update(this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => Aten.add__Scalar.Update(this, scalar, alpha);

        public Tensor add_(Tensor target) => Aten.add__Tensor.Update(this, target);

        public Tensor add_(Tensor target, Scalar alpha) => Aten.add__Tensor.Update(this, target, alpha);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Aten.addcdiv.Invoke(this, tensor1, tensor2);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcdiv.Invoke(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Aten.addcdiv_.Update(this, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcdiv_.Update(this, tensor1, tensor2, value);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcmul.Invoke(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Aten.addcmul_.Update(this, tensor1, tensor2, value);

        public Tensor asin() => Aten.asin.Invoke(this);

        public Tensor asin_() => Aten.asin_.Update(this);

        public Tensor asinh() => Aten.asinh.Invoke(this);

        public Tensor asinh_() => Aten.asinh_.Update(this);

        public Tensor atan() => Aten.atan.Invoke(this);

        public Tensor atan_() => Aten.atan_.Update(this);

        public Tensor atan2(Tensor other) => Aten.atan2.Invoke(this, other);

        public Tensor atan2_(Tensor other) => Aten.atan2_.Update(this, other);

        public Tensor atanh() => Aten.atanh.Invoke(this);

        public Tensor atanh_() => Aten.atanh_.Update(this);

        public Tensor bitwise_and(Tensor other) => Aten.bitwise_and_Tensor.Invoke(this, other);

        public Tensor bitwise_not() => Aten.bitwise_not.Invoke(this);

        public Tensor bitwise_or(Tensor other) => Aten.bitwise_or_Tensor.Invoke(this, other);

        public Tensor bitwise_xor(Tensor other) => Aten.bitwise_xor_Tensor.Invoke(this, other);

        public Tensor ceil() => Aten.ceil.Invoke(this);

        public Tensor ceil_() => Aten.ceil_.Update(this);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Aten.clamp.Invoke(this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Aten.clamp_Tensor.Invoke(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Aten.clamp_.Update(this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Aten.clamp__Tensor.Update(this, min, max);

        public Tensor clamp_max(Scalar max) => Aten.clamp_max.Invoke(this, max);

        public Tensor clamp_max_(Scalar max) => Aten.clamp_max_.Update(this, max);

        public Tensor clamp_min(Scalar min) => Aten.clamp_min.Invoke(this, min);

        public Tensor clamp_min_(Scalar min) => Aten.clamp_min_.Update(this, min);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => Aten.clip.Invoke(this, min, max);

        public Tensor copysign(Tensor other) => Aten.copysign_Tensor.Invoke(this, other);

        public Tensor cos() => Aten.cos.Invoke(this);

        public Tensor cos_() => Aten.cos_.Update(this);

        public Tensor cosh() => Aten.cosh.Invoke(this);

        public Tensor cosh_() => Aten.cosh_.Update(this);

        public Tensor deg2rad() => Aten.deg2rad.Invoke(this);

        public Tensor digamma() => Aten.digamma.Invoke(this);

        public Tensor erf() => Aten.erf.Invoke(this);

        public Tensor erf_() => Aten.erf_.Update(this);

        public Tensor erfc() => Aten.erfc.Invoke(this);

        public Tensor erfc_() => Aten.erfc_.Update(this);

        public Tensor erfinv() => Aten.erfinv.Invoke(this);

        public Tensor erfinv_() => Aten.erfinv_.Update(this);

        public Tensor exp() => Aten.exp.Invoke(this);

        public Tensor exp_() => Aten.exp_.Update(this);

        public Tensor exp2() => Aten.exp2.Invoke(this);

        public Tensor exp2_() => Aten.exp2_.Update(this);

        public Tensor expm1() => Aten.expm1.Invoke(this);

        public Tensor expm1_() => Aten.expm1_.Update(this);

        public Tensor floor() => Aten.floor.Invoke(this);

        public Tensor floor_() => Aten.floor_.Update(this);

        public Tensor floor_divide(Scalar other) => Aten.floor_divide_Scalar.Invoke(this, other);

        public Tensor floor_divide(Tensor other) => Aten.floor_divide.Invoke(this, other);

        public Tensor fmax(Tensor other) => Aten.fmax.Invoke(this, other);

        public Tensor fmin(Tensor other) => Aten.fmin.Invoke(this, other);

        public Tensor fmod(Scalar scalar) => Aten.fmod_Scalar.Invoke(this, scalar);

        public Tensor fmod(Tensor target) => Aten.fmod_Tensor.Invoke(this, target);

        public Tensor fmod_(Scalar scalar) => Aten.fmod__Scalar.Update(this, scalar);

        public Tensor fmod_(Tensor target) => Aten.fmod__Tensor.Update(this, target);

        public Tensor frac() => Aten.frac.Invoke(this);

        public Tensor frac_() => Aten.frac_.Update(this);

        public Tensor heaviside(Tensor other) => Aten.heaviside.Invoke(this, other);

        public Tensor hypot(Tensor other) => Aten.hypot.Invoke(this, other);

        public Tensor lerp(Tensor end, Tensor weight) => Aten.lerp_Tensor.Invoke(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => Aten.lerp__Tensor.Update(this, end, weight);

        public Tensor lgamma() => Aten.lgamma.Invoke(this);

        public Tensor lgamma_() => Aten.lgamma_.Update(this);

        public Tensor log() => Aten.log.Invoke(this);

        public Tensor log_() => Aten.log_.Update(this);

        public Tensor log10() => Aten.log10.Invoke(this);

        public Tensor log10_() => Aten.log10_.Update(this);

        public Tensor log1p() => Aten.log1p.Invoke(this);

        public Tensor log1p_() => Aten.log1p_.Update(this);

        public Tensor log2() => Aten.log2.Invoke(this);

        public Tensor log2_() => Aten.log2_.Update(this);

        public Tensor logaddexp(Tensor other) => Aten.logaddexp.Invoke(this, other);

        public Tensor logaddexp2(Tensor other) => Aten.logaddexp2.Invoke(this, other);

        public Tensor logical_and(Tensor other) => Aten.logical_and.Invoke(this, other);

        public Tensor logical_and_(Tensor other) => Aten.logical_and_.Update(this, other);

        public Tensor logical_not() => Aten.logical_not.Invoke(this);

        public Tensor logical_not_() => Aten.logical_not_.Update(this);

        public Tensor logical_or(Tensor other) => Aten.logical_or.Invoke(this, other);

        public Tensor logical_or_(Tensor other) => Aten.logical_or_.Update(this, other);

        public Tensor logical_xor(Tensor other) => Aten.logical_xor.Invoke(this, other);

        public Tensor logical_xor_(Tensor other) => Aten.logical_xor_.Update(this, other);

        public Tensor logit(double? eps = null) => Aten.logit.Invoke(this, eps);

        public Tensor logit_(double? eps = null) => Aten.logit_.Update(this, eps);

        public Tensor mul(Scalar target) => Aten.mul_Scalar.Invoke(this, target);

        public Tensor mul(Tensor target) => Aten.mul_Tensor.Invoke(this, target);

        public Tensor mul_(Scalar target) => Aten.mul__Scalar.Update(this, target);

        public Tensor mul_(Tensor target) => Aten.mul__Tensor.Update(this, target);

        public Tensor multiply(Scalar target) => Aten.multiply_Scalar.Invoke(this, target);

        public Tensor multiply(Tensor target) => Aten.multiply_Tensor.Invoke(this, target);

        public Tensor mvlgamma(long p) => Aten.mvlgamma.Invoke(this, p);

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            Aten.nan_to_num.Invoke(this, nan, posinf, neginf);

        public Tensor nan_to_num_(double nan = 0, double? posinf = null, double? neginf = null) =>
            Aten.nan_to_num_.Update(this, nan, posinf, neginf);

        public Tensor neg() => Aten.neg.Invoke(this);

        public Tensor neg_() => Aten.neg_.Update(this);

        public Tensor negative() => Aten.negative.Invoke(this);

        public Tensor positive() => Aten.positive.Invoke(this);

        public Tensor pow(Scalar exponent) => Aten.pow_Tensor_Scalar.Invoke(this, exponent);

        public Tensor pow(Tensor exponent) => Aten.pow_Tensor_Tensor.Invoke(this, exponent);

        public Tensor pow_(Scalar exponent) => Aten.pow__Scalar.Update(this, exponent);

        public Tensor pow_(Tensor exponent) => Aten.pow__Tensor.Update(this, exponent);

        public Tensor rad2deg() => Aten.rad2deg.Invoke(this);

        public Tensor reciprocal() => Aten.reciprocal.Invoke(this);

        public Tensor reciprocal_() => Aten.reciprocal_.Update(this);

        public Tensor remainder(Scalar scalar) => Aten.remainder_Scalar.Invoke(this, scalar);

        public Tensor remainder(Tensor target) => Aten.remainder_Tensor.Invoke(this, target);

        public Tensor remainder_(Scalar scalar) => Aten.remainder__Scalar.Update(this, scalar);

        public Tensor remainder_(Tensor target) => Aten.remainder__Tensor.Update(this, target);

        public Tensor rsqrt() => Aten.rsqrt.Invoke(this);

        public Tensor rsqrt_() => Aten.rsqrt_.Update(this);

        public Tensor sigmoid() => Aten.sigmoid.Invoke(this);

        public Tensor sigmoid_() => Aten.sigmoid_.Update(this);

        public Tensor sign() => Aten.sign.Invoke(this);

        public Tensor sign_() => Aten.sign_.Update(this);

        public Tensor signbit() => Aten.signbit.Invoke(this);

        public Tensor sin() => Aten.sin.Invoke(this);

        public Tensor sin_() => Aten.sin_.Update(this);

        public Tensor sinc() => Aten.sinc.Invoke(this);

        public Tensor sinh() => Aten.sinh.Invoke(this);

        public Tensor sinh_() => Aten.sinh_.Update(this);

        public Tensor sqrt() => Aten.sqrt.Invoke(this);

        public Tensor sqrt_() => Aten.sqrt_.Update(this);

        public Tensor square() => Aten.square.Invoke(this);

        public Tensor sub(Scalar target) => Aten.sub_Scalar.Invoke(this, target);

        public Tensor sub(Tensor target) => Aten.sub_Tensor.Invoke(this, target);

        public Tensor sub_(Scalar target) => Aten.sub__Scalar.Update(this, target);

        public Tensor sub_(Tensor target) => Aten.sub__Tensor.Update(this, target);

        public Tensor subtract(Scalar target) => Aten.subtract_Scalar.Invoke(this, target);

        public Tensor subtract(Tensor target) => Aten.subtract_Tensor.Invoke(this, target);

        public Tensor tan() => Aten.tan.Invoke(this);

        public Tensor tan_() => Aten.tan_.Update(this);

        public Tensor tanh() => Aten.tanh.Invoke(this);

        public Tensor tanh_() => Aten.tanh_.Update(this);

        public Tensor true_divide(Scalar other) => Aten.true_divide_Scalar.Invoke(this, other);

        public Tensor true_divide(Tensor other) => Aten.true_divide_Tensor.Invoke(this, other);

        public Tensor trunc() => Aten.trunc.Invoke(this);

        public Tensor trunc_() => Aten.trunc_.Update(this);

        public Tensor xlogy(Scalar y) => Aten.xlogy_Scalar_Other.Invoke(this, y);

        public Tensor xlogy(Tensor y) => Aten.xlogy_Tensor.Invoke(this, y);

        public Tensor xlogy_(Scalar y) => Aten.xlogy__Scalar_Other.Update(this, y);

        public Tensor xlogy_(Tensor y) => Aten.xlogy__Tensor.Update(this, y);

        public Tensor igamma(Tensor other) => Aten.igamma.Invoke(this, other);

        public Tensor igammac(Tensor other) => Aten.igammac.Invoke(this, other);

        public Tensor i0() => Aten.i0.Invoke(this);

        public Tensor isfinite() => Aten.isfinite.Invoke(this);

        public Tensor isinf() => Aten.isinf.Invoke(this);

        public Tensor isnan() => Aten.isnan.Invoke(this);

        public Tensor isneginf() => Aten.isneginf.Invoke(this);

        public Tensor isposinf() => Aten.isposinf.Invoke(this);

        public Tensor isreal() => Aten.isreal.Invoke(this);

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

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            div(target, rounding_mode);

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            div_(target, rounding_mode);

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            div_(target, rounding_mode);

        public Tensor round(long decimals = 0) =>
            decimals == 0 ? Aten.round.Invoke(this) : Aten.round_decimals.Invoke(this, decimals);

        public Tensor round_(long decimals = 0) =>
            decimals == 0 ? Aten.round_.Update(this) : Aten.round__decimals.Update(this, decimals);

        public Tensor polygamma(long p) => Aten.polygamma.Invoke(p, this);

        private static string NameOf(RoundingMode mode) => mode == RoundingMode.trunc ? "trunc" : "floor";
    }
}
