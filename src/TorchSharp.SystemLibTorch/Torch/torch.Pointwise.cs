namespace TorchSharp;

public static partial class torch
{
    public static Tensor atan2(Tensor input, Tensor other) => input.atan2(other);

    public static Tensor erf(Tensor input) => input.erf();

    public static Tensor mul(Tensor left, Scalar right) => left.mul(right);

    public static Tensor mul(Tensor left, Tensor right) => left.mul(right);

    public static Tensor sigmoid(Tensor input) => input.sigmoid();

    public static Tensor sign(Tensor input) => input.sign();

    public static Tensor tanh(Tensor input) => input.tanh();
}
