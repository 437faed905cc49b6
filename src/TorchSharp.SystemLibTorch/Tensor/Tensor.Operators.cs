namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Comparisons are element by element and give a tensor of truth values.</remarks>
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => Aten.add_Tensor.Invoke(left, right);

        public static Tensor operator +(Tensor left, Scalar right) => Aten.add_Scalar.Invoke(left, right);

        public static Tensor operator +(Tensor left, int right) => Aten.add_Scalar.Invoke(left, right);

        public static Tensor operator +(Tensor left, long right) => Aten.add_Scalar.Invoke(left, right);

        public static Tensor operator +(Tensor left, float right) => Aten.add_Scalar.Invoke(left, right);

        public static Tensor operator +(Tensor left, double right) => Aten.add_Scalar.Invoke(left, right);

        public static Tensor operator +(Scalar left, Tensor right) => Aten.add_Scalar.Invoke(right, left);

        public static Tensor operator +(int left, Tensor right) => Aten.add_Scalar.Invoke(right, left);

        public static Tensor operator +(long left, Tensor right) => Aten.add_Scalar.Invoke(right, left);

        public static Tensor operator +(float left, Tensor right) => Aten.add_Scalar.Invoke(right, left);

        public static Tensor operator +(double left, Tensor right) => Aten.add_Scalar.Invoke(right, left);

        public static Tensor operator -(Tensor left, Tensor right) => Aten.sub_Tensor.Invoke(left, right);

        public static Tensor operator -(Tensor left, Scalar right) => Aten.sub_Scalar.Invoke(left, right);

        public static Tensor operator -(Tensor left, int right) => Aten.sub_Scalar.Invoke(left, right);

        public static Tensor operator -(Tensor left, long right) => Aten.sub_Scalar.Invoke(left, right);

        public static Tensor operator -(Tensor left, float right) => Aten.sub_Scalar.Invoke(left, right);

        public static Tensor operator -(Tensor left, double right) => Aten.sub_Scalar.Invoke(left, right);

        public static Tensor operator -(Scalar left, Tensor right) => Aten.rsub_Scalar.Invoke(right, left);

        public static Tensor operator -(int left, Tensor right) => Aten.rsub_Scalar.Invoke(right, left);

        public static Tensor operator -(long left, Tensor right) => Aten.rsub_Scalar.Invoke(right, left);

        public static Tensor operator -(float left, Tensor right) => Aten.rsub_Scalar.Invoke(right, left);

        public static Tensor operator -(double left, Tensor right) => Aten.rsub_Scalar.Invoke(right, left);

        public static Tensor operator *(Tensor left, Tensor right) => Aten.mul_Tensor.Invoke(left, right);

        public static Tensor operator *(Tensor left, Scalar right) => Aten.mul_Scalar.Invoke(left, right);

        public static Tensor operator *(Tensor left, int right) => Aten.mul_Scalar.Invoke(left, right);

        public static Tensor operator *(Tensor left, long right) => Aten.mul_Scalar.Invoke(left, right);

        public static Tensor operator *(Tensor left, float right) => Aten.mul_Scalar.Invoke(left, right);

        public static Tensor operator *(Tensor left, double right) => Aten.mul_Scalar.Invoke(left, right);

        public static Tensor operator *(Scalar left, Tensor right) => Aten.mul_Scalar.Invoke(right, left);

        public static Tensor operator *(int left, Tensor right) => Aten.mul_Scalar.Invoke(right, left);

        public static Tensor operator *(long left, Tensor right) => Aten.mul_Scalar.Invoke(right, left);

        public static Tensor operator *(float left, Tensor right) => Aten.mul_Scalar.Invoke(right, left);

        public static Tensor operator *(double left, Tensor right) => Aten.mul_Scalar.Invoke(right, left);

        public static Tensor operator /(Tensor left, Tensor right) => Aten.div_Tensor.Invoke(left, right);

        public static Tensor operator /(Tensor left, Scalar right) => Aten.div_Scalar.Invoke(left, right);

        public static Tensor operator /(Tensor left, int right) => Aten.div_Scalar.Invoke(left, right);

        public static Tensor operator /(Tensor left, long right) => Aten.div_Scalar.Invoke(left, right);

        public static Tensor operator /(Tensor left, float right) => Aten.div_Scalar.Invoke(left, right);

        public static Tensor operator /(Tensor left, double right) => Aten.div_Scalar.Invoke(left, right);

        public static Tensor operator /(Scalar left, Tensor right) => Quotient(left, right);

        public static Tensor operator /(int left, Tensor right) => Quotient(left, right);

        public static Tensor operator /(long left, Tensor right) => Quotient(left, right);

        public static Tensor operator /(float left, Tensor right) => Quotient(left, right);

        public static Tensor operator /(double left, Tensor right) => Quotient(left, right);

        public static Tensor operator %(Tensor left, Tensor right) => Aten.remainder_Tensor.Invoke(left, right);

        public static Tensor operator %(Tensor left, Scalar right) => Aten.remainder_Scalar.Invoke(left, right);

        public static Tensor operator %(Tensor left, int right) => Aten.remainder_Scalar.Invoke(left, right);

        public static Tensor operator %(Tensor left, long right) => Aten.remainder_Scalar.Invoke(left, right);

        public static Tensor operator %(Tensor left, float right) => Aten.remainder_Scalar.Invoke(left, right);

        public static Tensor operator %(Tensor left, double right) => Aten.remainder_Scalar.Invoke(left, right);

        public static Tensor operator ==(Tensor left, Tensor right) => Aten.eq_Tensor.Invoke(left, right);

        public static Tensor operator ==(Tensor left, Scalar right) => Aten.eq_Scalar.Invoke(left, right);

        public static Tensor operator ==(Scalar left, Tensor right) => Aten.eq_Scalar.Invoke(right, left);

        public static Tensor operator !=(Tensor left, Tensor right) => Aten.ne_Tensor.Invoke(left, right);

        public static Tensor operator !=(Tensor left, Scalar right) => Aten.ne_Scalar.Invoke(left, right);

        public static Tensor operator !=(Scalar left, Tensor right) => Aten.ne_Scalar.Invoke(right, left);

        public static Tensor operator <(Tensor left, Tensor right) => Aten.lt_Tensor.Invoke(left, right);

        public static Tensor operator <(Tensor left, Scalar right) => Aten.lt_Scalar.Invoke(left, right);

        public static Tensor operator <(Scalar left, Tensor right) => Aten.gt_Scalar.Invoke(right, left);

        public static Tensor operator <=(Tensor left, Tensor right) => Aten.le_Tensor.Invoke(left, right);

        public static Tensor operator <=(Tensor left, Scalar right) => Aten.le_Scalar.Invoke(left, right);

        public static Tensor operator <=(Scalar left, Tensor right) => Aten.ge_Scalar.Invoke(right, left);

        public static Tensor operator >(Tensor left, Tensor right) => Aten.gt_Tensor.Invoke(left, right);

        public static Tensor operator >(Tensor left, Scalar right) => Aten.gt_Scalar.Invoke(left, right);

        public static Tensor operator >(Scalar left, Tensor right) => Aten.lt_Scalar.Invoke(right, left);

        public static Tensor operator >=(Tensor left, Tensor right) => Aten.ge_Tensor.Invoke(left, right);

        public static Tensor operator >=(Tensor left, Scalar right) => Aten.ge_Scalar.Invoke(left, right);

        public static Tensor operator >=(Scalar left, Tensor right) => Aten.le_Scalar.Invoke(right, left);

        public static Tensor operator -(Tensor tensor) => Aten.neg.Invoke(tensor);

        public static Tensor operator ~(Tensor left) => Aten.bitwise_not.Invoke(left);

        public static Tensor operator &(Tensor left, Tensor right) => Aten.bitwise_and_Tensor.Invoke(left, right);

        public static Tensor operator |(Tensor left, Tensor right) => Aten.bitwise_or_Tensor.Invoke(left, right);

        public static Tensor operator ^(Tensor left, Tensor right) => Aten.bitwise_xor_Tensor.Invoke(left, right);

        private static Tensor Quotient(Argument left, Tensor right)
        {
            using var inverse = right.reciprocal();
            return Aten.mul_Scalar.Invoke(inverse, left);
        }
    }
}
