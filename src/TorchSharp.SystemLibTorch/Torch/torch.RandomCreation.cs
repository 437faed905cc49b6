namespace TorchSharp;

public static partial class torch
{
    public static Tensor rand(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.rand_generator, size, generator, dtype, device, requires_grad);

    public static Tensor rand(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.rand_generator, size.AsSpan(), generator, dtype, device, requires_grad);

    public static Tensor rand(
        long size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.rand_generator, [size], generator, dtype, device, requires_grad);

    public static Tensor rand(
        int size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.rand_generator, [size], generator, dtype, device, requires_grad);

    public static Tensor rand(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.rand_generator, [rows, columns], generator, dtype, device, requires_grad);

    public static Tensor rand(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.rand_generator, [dim0, dim1, dim2, dim3], generator, dtype, device, requires_grad);

    public static Tensor randn(
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.randn_generator, size, generator, dtype, device, requires_grad);

    public static Tensor randn(
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.randn_generator, size.AsSpan(), generator, dtype, device, requires_grad);

    public static Tensor randn(
        int rows,
        int columns,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.randn_generator, [rows, columns], generator, dtype, device, requires_grad);

    public static Tensor randn(
        int dim0,
        int dim1,
        int dim2,
        int dim3,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => Drawn(Aten.randn_generator, [dim0, dim1, dim2, dim3], generator, dtype, device, requires_grad);

    public static Tensor randint(
        long low,
        long high,
        long[] size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) =>
        Finish(
            Aten.randint_low_generator.Invoke(
                low,
                high,
                size,
                generator,
                dtype ?? ScalarType.Int64,
                Argument.None,
                InitializeDevice(device)
            ),
            requires_grad
        );

    public static Tensor randint(
        long high,
        Size size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => randint(0, high, size.Shape, dtype, device, requires_grad, generator, names);

    public static Tensor randint(
        long low,
        long high,
        Size size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    ) => randint(low, high, size.Shape, dtype, device, requires_grad, generator, names);

    public static Tensor randperm(
        long n,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null
    ) =>
        Finish(
            Aten.randperm_generator.Invoke(
                n,
                generator,
                dtype ?? ScalarType.Int64,
                Argument.None,
                InitializeDevice(device)
            ),
            requires_grad
        );

    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) =>
        Aten.normal_Tensor_Tensor.Invoke(mean, std, generator);

    public static Tensor normal(
        double mean,
        double std,
        ReadOnlySpan<long> size,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null,
        string[]? names = null
    )
    {
        var drawn = randn(size, dtype, device, false, generator, names);
        return Finish(drawn.mul_(std).add_(mean), requires_grad);
    }

    private static Tensor Drawn(
        Operator op,
        ReadOnlySpan<long> size,
        Generator? generator,
        ScalarType? dtype,
        Device? device,
        bool requires_grad
    ) =>
        Finish(
            op.Invoke(size, generator, dtype ?? get_default_dtype(), Argument.None, InitializeDevice(device)),
            requires_grad
        );
}
