namespace TorchSharp;

public static partial class torch
{
    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);

    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);

    public static Tensor t(Tensor input) => input.t();

    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);
}
